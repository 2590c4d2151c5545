import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type Stage, createStage } from "./support/processes.ts";

const DOCUMENT = fileURLToPath(new URL("../docs/rest.md", import.meta.url));
/** Between the output of one block and that of the next; nothing the tracker says has it. */
const MARK = "\u0001";

let stage: Stage;
/** What the blocks under each heading printed. */
const printed = new Map<string, string>();

beforeAll(async () => {
  stage = await createStage();
  const tracker = await stage.startTracker();
  const blocks = blocksOf(await readFile(DOCUMENT, "utf8"));
  // One shell, as a reader's; the first command that fails ends it, and curl -f fails when the tracker refuses.
  const script = blocks.map(({ heading, text }) => `printf '${MARK}%s${MARK}' '${heading}'\n${text}`);
  const folder = join(stage.folder, "walk");
  await mkdir(folder);
  const output = await runShell(["set -eu", ...script].join("\n"), { TRACKER: tracker.url, folder });
  const parts = output.split(MARK).slice(1);
  for (let part = 0; part < parts.length; part += 2) {
    const heading = parts[part]!;
    printed.set(heading, `${printed.get(heading) ?? ""}${parts[part + 1]}`);
  }
});
afterAll(() => stage.close());

/** The commands of a document, each with the heading it stands under. */
function blocksOf(document: string): { heading: string; text: string }[] {
  const blocks = [];
  let heading = "";
  for (const [, title, text] of document.matchAll(/^#+ (.*)$|^```sh\n([^]*?)^```$/gm)) {
    if (title !== undefined) heading = title;
    else if (text !== undefined) blocks.push({ heading, text });
  }
  return blocks;
}

async function runShell(script: string, options: { TRACKER: string; folder: string }): Promise<string> {
  const shell = spawn("sh", ["-c", script], {
    stdio: ["ignore", "pipe", "pipe"],
    cwd: options.folder,
    env: { ...process.env, TRACKER: options.TRACKER },
    // A group of its own: whatever the walk leaves running ends with it.
    detached: true,
  });
  let [output, errors] = ["", ""];
  shell.stdout.on("data", (chunk) => (output += String(chunk)));
  shell.stderr.on("data", (chunk) => (errors += String(chunk)));
  const closed = once(shell, "close");
  const [code] = (await once(shell, "exit")) as [number | null];
  try {
    process.kill(-shell.pid!, "SIGTERM");
  } catch {
    // Nothing was left.
  }
  await closed;
  if (code !== 0)
    throw new Error(`the walk ended with ${code}: ${errors}\n${output.replaceAll(MARK, "\n# ")}`);
  return output;
}

it("docs/rest.md has a command under every heading of the walk", () => {
  expect([...printed.keys()]).toEqual([
    "The tracker with curl",
    "Watch",
    "Register",
    "Announce",
    "Heartbeat",
    "Search",
    "Page",
    "Report",
    "Too much",
    "When something is wrong",
    "Log out",
    "Short forms",
  ]);
});

it.each([
  ["The tracker with curl", /^ok\n$/],
  [
    "Register",
    /^\{"peerId":"[\w-]+","name":"curl".*"reachable":"unknown".*\}\{.*"reachableReason":"no connection: refused"/,
  ],
  ["Announce", /^\{"revision":1,"fileCount":2\}\{"revision":2,"fileCount":3\}$/],
  ["Heartbeat", /"revision":2/],
  [
    "Search",
    /^PATH +BYTES .*\nmusic\/bees humming\.mp3 +5000000 +1 .*\nnotes\/bees\.txt +64 +1 .*\n\{"fileId":/,
  ],
  ["Page", /^PATH +BYTES .*\nnotes\/honey\.txt +65 .*\n304\n$/],
  ["Report", /^\{"corrupt":1,"unreachable":0\}\{"fileId":.*"reports":\{"corrupt":1,"unreachable":0\}\}\]\}$/],
  [
    "Too much",
    /^retry-after: \d+\n\{.*problem:too-many-requests.*"detail":"reports: an address may do 1 a second, and 60 at once; come back in \d+ s/i,
  ],
  [
    "When something is wrong",
    /"type":"urn:panal:problem:invalid".*"field":"limit".*"value":"1000".*"my-first-mistake"/,
  ],
  ["Log out", /event: peer-joined[^]*event: files-changed[^]*event: peer-left/],
  ["Short forms", /^\{"filename":"class notes.txt","peers":\[\{.*"port":49153.*"fileId":null.*\}\]\}$/],
])("%s prints what it should", (heading, expected) => {
  expect(printed.get(heading)).toMatch(expected);
});
