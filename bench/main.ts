import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, rm, writeFile } from "node:fs/promises";
import { arch, cpus, platform } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { announced, createStage } from "../e2e/support/processes.ts";
import { writeSampleFile } from "../e2e/support/sample-file.ts";
import { type Result, type Row, compare, median } from "./support/compare.ts";
import { startNginx } from "./support/nginx.ts";

// `npm run bench`: each row sets us against a tool one would use instead, in turns on the same machine, and gives
// the ratio. Figures of one machine say little; ratios say more.

const MIB = 1024 * 1024;
const FILE_BYTES = 1024 * MIB;
const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

const stage = await createStage();
const missing: string[] = [];
const results: Result[] = [];
try {
  const share = join(stage.folder, "share");
  await mkdir(share);
  const path = join(share, "bench.bin");
  console.log(`writing ${FILE_BYTES / MIB} MiB`);
  await writeSampleFile(path, FILE_BYTES);
  const tracker = await stage.startTracker();
  const peer = await stage.startPeer({ share, trackerUrl: tracker.url, name: "bench" });
  const fileId = await announced(tracker.url, "bench", 1);

  const request = join(stage.folder, "request");
  await writeFile(request, connectRequest(fileId));
  const raw = await startRawServer(path);
  const nginx = await startNginx(share, join(stage.folder, "nginx"));
  if (nginx === undefined) missing.push("nginx (apt-get install nginx-light)");

  const discard = ["curl", "--silent", "--fail", "--output", "/dev/null"] as const;
  const door = `${peer.url}/files/${fileId}/bench.bin`;
  const target = join(stage.folder, "out", "bench.bin");
  const emptyTarget = async () => {
    await rm(join(stage.folder, "out"), { recursive: true, force: true });
    await mkdir(join(stage.folder, "out"));
  };

  const rows: Row[] = [
    {
      name: "one Connect stream to curl, against a plain Node pipe",
      bar: 0.9,
      bytes: FILE_BYTES,
      ours: {
        command: [
          ...discard,
          "-H",
          "content-type: application/connect+proto",
          "--data-binary",
          `@${request}`,
          `${peer.url}/panal.v1.PeerService/DownloadFile`,
        ],
      },
      theirs: { command: [...discard, raw.url] },
    },
  ];
  if (nginx !== undefined) {
    rows.push(
      {
        name: "the /files door to curl, against nginx with sendfile",
        bar: 0.5,
        bytes: FILE_BYTES,
        ours: { command: [...discard, door] },
        theirs: { command: [...discard, `${nginx.url}/bench.bin`] },
      },
      {
        name: "peer-node download, verified, on disk, against curl -o from nginx",
        bar: 0.9,
        bytes: FILE_BYTES,
        ours: {
          prepare: emptyTarget,
          command: [
            process.execPath,
            here("../peer-node/src/main.ts"),
            "download",
            fileId,
            "--tracker",
            tracker.url,
            "-o",
            target,
          ],
        },
        theirs: {
          prepare: emptyTarget,
          command: ["curl", "--silent", "--fail", "--output", target, `${nginx.url}/bench.bin`],
        },
      },
    );
  }
  for (const row of rows) {
    console.log(row.name);
    results.push(await compare(row));
  }
  raw.stop();
  await nginx?.stop();
} finally {
  await stage.close();
}

const report = [
  "# Benchmark",
  "",
  `${platform()} ${arch()}, ${cpus().length} cores, Node ${process.versions.node}. Speeds are medians of five runs in turns, in MiB/s`,
  "(smallest to largest); the ratio is ours to theirs.",
  "",
  "| row | ours | theirs | ratio | bar |",
  "|---|---|---|---|---|",
  ...results.map(
    ({ row, ours, theirs, ratio }) =>
      `| ${row.name} | ${speeds(ours)} | ${speeds(theirs)} | ${ratio.toFixed(2)} | ${row.bar} ${ratio >= row.bar ? "reached" : "missed"} |`,
  ),
  ...missing.map((tool) => `\nNot installed, its rows are left out: ${tool}.`),
  "",
].join("\n");
await writeFile(here("results.md"), report);
console.log(`\n${report}`);

function speeds(sorted: readonly number[]): string {
  const mib = (bytes: number) => Math.round(bytes / MIB);
  return `${mib(median(sorted))} (${mib(sorted[0] ?? 0)} to ${mib(sorted.at(-1) ?? 0)})`;
}

/** The enveloped DownloadFileRequest for a whole file. */
function connectRequest(fileId: string): Uint8Array {
  const id = new TextEncoder().encode(fileId);
  return Uint8Array.from([0, 0, 0, 0, id.length + 2, 0x0a, id.length, ...id]);
}

async function startRawServer(path: string): Promise<{ url: string; stop(): void }> {
  const child = spawn(process.execPath, [here("support/raw-server.ts"), path], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const [url] = (await once(createInterface({ input: child.stdout }), "line")) as [string];
  return { url, stop: () => child.kill("SIGTERM") };
}
