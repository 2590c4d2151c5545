import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { ROOT } from "../../scripts/run-command.ts";

/** One line of a Dockerfile. */
export interface Instruction {
  /** In capitals: "COPY". */
  readonly name: string;
  /** What follows it. */
  readonly text: string;
}

export interface BuildStage {
  readonly name: string;
  /** Another stage's name, or an image. */
  readonly from: string;
  readonly instructions: readonly Instruction[];
}

/** How a container of an image is started, by whom, and what tells that it is well. */
export interface ImageConfig {
  /** The image it all begins with. */
  readonly base: string;
  readonly user: string;
  readonly entrypoint: readonly string[];
  readonly command: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly volumes: readonly string[];
  readonly stopSignal: string;
  readonly healthCheck: readonly string[];
}

export async function readDockerfile(): Promise<readonly BuildStage[]> {
  return parseDockerfile(await readFile(join(ROOT, "Dockerfile"), "utf8"));
}

/** The stages of a Dockerfile whose FROMs are all named. Throws for whatever isn't an instruction. */
function parseDockerfile(text: string): readonly BuildStage[] {
  const stages: { name: string; from: string; instructions: Instruction[] }[] = [];
  const lines = text.split("\n").filter((line) => !/^\s*(#|$)/.test(line));
  for (const line of lines.join("\n").replaceAll("\\\n", " ").split("\n")) {
    const [, name, rest] = /^([A-Z]+)\s+(.+)$/.exec(line) ?? [];
    if (name === undefined || rest === undefined) throw new Error(`Dockerfile: ${line}: not an instruction`);
    if (name === "FROM") {
      const [, from, stage] = /^(\S+) AS (\S+)$/.exec(rest) ?? [];
      if (from === undefined || stage === undefined) throw new Error(`Dockerfile: FROM ${rest}: has no name`);
      stages.push({ name: stage, from, instructions: [] });
    } else {
      const stage = stages.at(-1);
      if (stage === undefined) throw new Error(`Dockerfile: ${line}: before the first FROM`);
      stage.instructions.push({ name, text: rest });
    }
  }
  return stages;
}

export function stageNamed(stages: readonly BuildStage[], name: string): BuildStage {
  const stage = stages.find((each) => each.name === name);
  if (stage === undefined) throw new Error(`Dockerfile: no stage is called ${name}`);
  return stage;
}

/** What a stage says, and those it builds on; what is said last counts. */
export function imageConfig(stages: readonly BuildStage[], target: string): ImageConfig {
  const chain = [stageNamed(stages, target)];
  for (;;) {
    const { from } = chain[0]!;
    const parent = stages.find(({ name }) => name === from);
    if (parent === undefined) break;
    chain.unshift(parent);
  }
  const said = chain.flatMap(({ instructions }) => instructions);
  const all = (name: string) => said.filter((each) => each.name === name).map(({ text }) => text);
  const last = (name: string) => all(name).at(-1) ?? "";
  return {
    base: chain[0]!.from,
    user: last("USER"),
    entrypoint: words(last("ENTRYPOINT")),
    command: words(last("CMD")),
    env: Object.fromEntries(all("ENV").flatMap(assignments)),
    volumes: all("VOLUME").flatMap(words),
    stopSignal: last("STOPSIGNAL"),
    healthCheck: words(/ CMD (.+)$/.exec(last("HEALTHCHECK"))?.[1] ?? ""),
  };
}

/** `["node", "main.mjs"]`: the form in which no shell stands between. */
function words(json: string): readonly string[] {
  if (json === "") return [];
  const parsed: unknown = JSON.parse(json);
  if (!Array.isArray(parsed) || !parsed.every((word) => typeof word === "string"))
    throw new Error(`Dockerfile: ${json}: expected a list of words`);
  return parsed;
}

function assignments(text: string): [string, string][] {
  return text.split(/\s+/).map((part) => {
    const [, name, value] = /^([A-Z_]+)=([^"'\\$]*)$/.exec(part) ?? [];
    if (name === undefined || value === undefined) throw new Error(`Dockerfile: ENV ${text}: NAME=VALUE ...`);
    return [name, value];
  });
}

/** Whether a path, relative to the repository, stays out of what a build may copy. `patterns`: those of .dockerignore. */
export function isLeftOut(path: string, patterns: readonly string[]): boolean {
  const parts = path.split("/");
  const pathAndFolders = parts.map((_, index) => parts.slice(0, index + 1).join("/"));
  let isOut = false;
  for (const pattern of patterns) {
    const expression = globExpression(pattern.replace(/^!/, ""));
    // The last one that says something about it counts.
    if (pathAndFolders.some((each) => expression.test(each))) isOut = !pattern.startsWith("!");
  }
  return isOut;
}

export async function readIgnorePatterns(): Promise<readonly string[]> {
  const text = await readFile(join(ROOT, ".dockerignore"), "utf8");
  return text.split("\n").filter((line) => line !== "" && !line.startsWith("#"));
}

function globExpression(pattern: string): RegExp {
  const source = pattern
    .replace(/[.+^${}()|[\]\\]/g, String.raw`\$&`)
    .replace(/\*\*\/|\*/g, (stars) => (stars === "*" ? "[^/]*" : "(?:.*/)?"));
  return new RegExp(`^${source}$`);
}
