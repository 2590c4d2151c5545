import { readFile } from "node:fs/promises";
import { homedir, tmpdir } from "node:os";
import { basename, dirname, posix } from "node:path";
import { ROOT, runCommand } from "./run-command.ts";

/** Split at this size; reread at 250. */
const MAX_FILE_LINES = 400;
const SOURCE = /\.(ts|tsx|mjs)$/;
const GENERATED = /^sdk\/src\/gen\//;
// In brackets, so that this line isn't one.
const POSTPONED = /\b(TOD[O]|FIXM[E]|XX[X])\b/;
const VAGUE_NAME = /^(utils?|helpers?|common|types|misc)\.(ts|tsx)$/;
const FEATURE = /^web\/src\/features\/([^/]+)\/(.+)$/;
const IMPORTED = /(?:from|import)\s*\(?\s*"(\.[^"]+)"/g;
/** Places that hold checkouts on many machines: naming them gives nothing away. */
const ANYBODYS = new Set([
  "/",
  "/tmp",
  "/home",
  "/root",
  "/opt",
  "/srv",
  "/mnt",
  "/app",
  "/builds",
  "/usr/src",
  "/workspace",
]);

/** What no tool checks for us: one line for each thing that is wrong, saying what to do instead. */
export async function findBrokenHouseRules(): Promise<string[]> {
  const { output } = await runCommand([
    "git",
    "ls-files",
    "--cached",
    "--others",
    "--exclude-standard",
    "-z",
  ]);
  const files = output.split("\0").filter((file) => file !== "");
  const secrets = await localWords();
  const broken: string[] = [];
  for (const file of files) {
    const text = await readFile(`${ROOT}/${file}`, "utf8").catch(() => "");
    // Pictures and clips are none of our business here.
    if (!text.includes("\0")) broken.push(...brokenIn(file, text, secrets));
  }
  return broken;
}

/** The rules for one file. `localWords`: paths and hosts of this machine, which belong in no file. */
export function brokenIn(file: string, text: string, localWords: readonly string[]): string[] {
  const broken: string[] = [];
  const name = basename(file);
  const isSource = SOURCE.test(name) && !GENERATED.test(file);
  const lineCount = text.split("\n").length - 1;
  if (isSource && lineCount > MAX_FILE_LINES) {
    broken.push(`${file}: ${lineCount} lines; split it by idea, at ${MAX_FILE_LINES} at the latest`);
  }
  if (VAGUE_NAME.test(name)) broken.push(`${file}: name the idea, or inline it where it is used`);
  if (isSource && POSTPONED.test(text) && name !== "house-rules.ts" && name !== "house-rules.test.ts") {
    broken.push(`${file}: postpones something; do it, or write it into an issue`);
  }
  if (isSource && /\.(test|e2e)\.tsx?$/.test(name) && /\b(it|test|describe)\.(only|skip)\(/.test(text)) {
    broken.push(`${file}: a test is skipped or alone (.only, .skip); mend it or remove it`);
  }
  for (const word of localWords) {
    if (text.includes(word)) {
      const line = text.slice(0, text.indexOf(word)).split("\n").length;
      broken.push(
        `${file}:${line}: names a path or host of this machine; use one relative to the repository`,
      );
    }
  }
  if (isSource) broken.push(...foreignInsides(file, text));
  if (name === "package-lock.json") broken.push(...foreignRegistries(file, text));
  return broken;
}

/** A feature of the app is a folder; what others need of it is in its index.ts. */
function foreignInsides(file: string, text: string): string[] {
  const own = FEATURE.exec(file)?.[1];
  if (own === undefined) return [];
  return Array.from(text.matchAll(IMPORTED), (match) => posix.join(dirname(file), match[1]!)).flatMap(
    (imported) => {
      const [, feature, inside] = FEATURE.exec(imported) ?? [];
      if (feature === undefined || feature === own || inside === "index.ts") return [];
      return [
        `${file}: imports the inside of another feature, ${imported}; export it from ${feature}/index.ts, or move what both need to ui/ or app/`,
      ];
    },
  );
}

function foreignRegistries(file: string, text: string): string[] {
  const hosts = new Set(Array.from(text.matchAll(/"resolved": "https?:\/\/([^/"]+)/g), (match) => match[1]));
  return [...hosts].map(
    (host) =>
      `${file}: packages resolved from ${host}; remove "resolved" (omit-lockfile-registry-resolved is in .npmrc)`,
  );
}

async function localWords(): Promise<string[]> {
  const { output } = await runCommand(["npm", "config", "get", "registry"]);
  const registry = /^https?:\/\/([^/\s]+)/m.exec(output)?.[1];
  const folders = [ROOT, dirname(ROOT), homedir()].filter(
    (folder) => !ANYBODYS.has(folder) && folder !== tmpdir(),
  );
  return [...new Set(folders.map((folder) => `${folder}/`)), ...(registry === undefined ? [] : [registry])];
}
