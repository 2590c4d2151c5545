import { expect, test } from "vitest";
import { brokenIn } from "./house-rules.ts";

// Put together here, so that the rules don't find them in this file.
const POSTPONED = ["TO", "DO"].join("");
const INSIDE = 'import {\n  x,\n} from "../watch/x.ts";\n';
const LATER = 'const x = await import("../../features/watch/x.ts");\n';
const SKIPPED = ["sk", "ip"].join("");

test.each([
  ["a file of over 400 lines", "sdk/src/a.ts", "x\n".repeat(401), "401 lines"],
  ["a vague name", "sdk/src/utils.ts", "x\n", "name the idea"],
  ["a postponed job", "web/src/a.tsx", `// ${POSTPONED}: later\n`, "postpones"],
  ["a skipped test", "sdk/src/a.test.ts", `test.${SKIPPED}("x", () => {});\n`, "skipped"],
  ["a feature that reaches into another", "web/src/features/a/b.ts", INSIDE, "a/b.ts: imports the inside"],
  ["a feature that fetches from another's inside", "web/src/features/a/b.ts", LATER, "export it from watch/"],
  ["a path of this machine", "README.md", "first\ncd /spot/panal\n", "README.md:2"],
  [
    "a lock file that names a registry",
    "package-lock.json",
    '{ "resolved": "https://packages.example/a/-/a-1.0.0.tgz" }\n',
    "packages.example",
  ],
])("brokenIn() tells of %s", (_name, file, text, message) => {
  expect(brokenIn(file, text, ["/spot/"])).toEqual([expect.stringContaining(message)]);
});

test.each([
  ["400 lines", "sdk/src/a.ts", "x\n".repeat(400)],
  ["long generated files", "sdk/src/gen/a_pb.ts", "x\n".repeat(4000)],
  ["a lock file that names no registry", "package-lock.json", '{ "version": "1.0.0" }\n'],
  ["a feature's own inside", "web/src/features/watch/b.ts", INSIDE],
  ["a feature's door", "web/src/features/a/b.ts", 'import { x } from "../watch/index.ts";\n'],
  ["the app, which puts features together", "web/src/app/b.ts", 'import("../features/watch/x.ts");\n'],
  ["long documents", "docs/protocol.md", "x\n".repeat(4000)],
])("brokenIn() accepts %s", (_name, file, text) => {
  expect(brokenIn(file, text, ["/spot/"])).toEqual([]);
});
