import { spawn } from "node:child_process";
import { chmod, copyFile, cp, mkdir, mkdtemp, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, delimiter, join, relative } from "node:path";
import { ROOT } from "../../scripts/run-command.ts";
import {
  type BuildStage,
  type ImageConfig,
  imageConfig,
  isLeftOut,
  readDockerfile,
  readIgnorePatterns,
  stageNamed,
} from "./dockerfile.ts";

/** Images whose file systems are folders. */
export interface PlainImages {
  /** Where the Node is that the base image would bring. */
  readonly binFolder: string;
  /** Does what the stages say, but for the base image; again only for stages that aren't built yet. */
  build(target: string): Promise<PlainImage>;
  close(): Promise<void>;
}

export interface PlainImage {
  readonly config: ImageConfig;
  /** Its file system. */
  readonly root: string;
  /** The same text with the image's absolute paths where they really are. */
  inPlace(text: string): string;
}

const CHANGES_OWNERS = / -o \d+ -g \d+/;

/**
 * Builds images by the Dockerfile's own words where there are no containers: a folder is a file system, RUN is a process in it.
 * Owners are given only as root.
 */
export async function createPlainImages(): Promise<PlainImages> {
  const [stages, ignorePatterns] = await Promise.all([readDockerfile(), readIgnorePatterns()]);
  const folder = await mkdtemp(join(tmpdir(), "panal-images-"));
  // The images' users are others than the one who runs this.
  await chmod(folder, 0o755);
  const binFolder = join(folder, "bin");
  await mkdir(binFolder);
  await copyFile(process.execPath, join(binFolder, "node"));
  const isRoot = process.getuid?.() === 0;
  const built = new Map<string, Promise<string>>();

  function rootOf(stage: BuildStage): Promise<string> {
    const building = built.get(stage.name) ?? buildStage(stage);
    built.set(stage.name, building);
    return building;
  }

  async function buildStage(stage: BuildStage): Promise<string> {
    const parent = stages.find(({ name }) => name === stage.from);
    const parentRoot = parent === undefined ? undefined : await rootOf(parent);
    const changes = stage.instructions.filter(({ name }) => ["RUN", "COPY", "WORKDIR"].includes(name));
    if (parentRoot !== undefined && changes.length === 0) return parentRoot;
    const root = join(folder, stage.name);
    await mkdir(root);
    if (parentRoot !== undefined) await cp(parentRoot, root, { recursive: true, verbatimSymlinks: true });
    let workFolder = join(root, workFolderOf(stage));
    for (const { name, text } of changes) {
      if (name === "WORKDIR") {
        workFolder = join(root, text);
        await mkdir(workFolder, { recursive: true });
      } else if (name === "COPY") await copy(text, workFolder);
      else await run(isRoot ? text : text.replace(CHANGES_OWNERS, ""), { root, workFolder });
    }
    return root;
  }

  function workFolderOf({ from }: BuildStage): string {
    const parent = stages.find(({ name }) => name === from);
    if (parent === undefined) return "/";
    return parent.instructions.findLast(({ name }) => name === "WORKDIR")?.text ?? workFolderOf(parent);
  }

  async function copy(text: string, workFolder: string): Promise<void> {
    const [, stageName, paths] = /^(?:--from=(\S+) )?(.+)$/.exec(text)!;
    const [target, ...sources] = paths!.split(/\s+/).reverse();
    const from = stageName === undefined ? ROOT : await rootOf(stageNamed(stages, stageName));
    for (const source of sources) {
      const path = join(from, source);
      const isFolder = (await stat(path)).isDirectory();
      const isInto = !isFolder && target!.endsWith("/");
      await cp(path, join(workFolder, target!, isInto ? basename(source) : ""), {
        recursive: true,
        verbatimSymlinks: true,
        filter: (each) => stageName !== undefined || !isLeftOut(relative(ROOT, each), ignorePatterns),
      });
    }
  }

  async function run(
    command: string,
    { root, workFolder }: { root: string; workFolder: string },
  ): Promise<void> {
    const child = spawn("/bin/sh", ["-c", inPlace(root, command)], {
      cwd: workFolder,
      stdio: ["ignore", "pipe", "pipe"],
      env: {
        ...process.env,
        PATH: `${binFolder}${delimiter}${process.env["PATH"] ?? ""}`,
        npm_config_prefer_offline: "true",
      },
    });
    let output = "";
    for (const stream of [child.stdout, child.stderr])
      stream.on("data", (chunk) => (output += String(chunk)));
    const exitCode = await new Promise<number | null>((resolve) => child.once("close", resolve));
    if (exitCode !== 0) throw new Error(`RUN ${command}: exit code ${exitCode}\n${output}`);
  }

  return {
    binFolder,
    async build(target) {
      const root = await rootOf(stageNamed(stages, target));
      return { config: imageConfig(stages, target), root, inPlace: (text) => inPlace(root, text) };
    },
    close: () => rm(folder, { recursive: true, force: true }),
  };
}

/** Absolute paths, alone or after a space, into the folder that stands for the file system. */
function inPlace(root: string, text: string): string {
  return text.replace(/(?<=^|\s)\/(?=\w)/g, `${root}/`);
}
