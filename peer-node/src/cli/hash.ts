import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { type Manifest, PanalError, displayName, manifestOf } from "@panal/sdk";
import { nodeHashBlocks } from "@panal/sdk/node";
import { Command } from "commander";
import { EXIT, exitCodeOf, sentenceOf } from "./exit-codes.ts";
import { jsonOption, printJson } from "./options.ts";

const READ_BYTES = 1024 * 1024;

/** `peer-node hash <file...>` */
export function hashCommand(): Command {
  return new Command("hash")
    .description("print the file id of files on this machine")
    .argument("<file...>")
    .addOption(jsonOption())
    .action(async (paths: string[], options: { json?: boolean }) => {
      const hashed: { fileId: string; path: string }[] = [];
      for (const path of paths) {
        try {
          const { fileId } = await hashFile(path);
          hashed.push({ fileId, path });
          if (!options.json) console.log(`${fileId}  ${displayName(path)}`);
        } catch (error) {
          console.error(`peer-node: ${sentenceOf(error)}`);
          process.exitCode = Math.max(Number(process.exitCode ?? EXIT.done), exitCodeOf(error));
        }
      }
      if (options.json) printJson({ files: hashed });
    });
}

/** The manifest of a file on this machine. */
export async function hashFile(path: string): Promise<Manifest> {
  try {
    const found = await stat(path);
    if (!found.isFile()) throw new PanalError("invalid", `${path} is not a file`);
    const chunks = createReadStream(path, { highWaterMark: READ_BYTES });
    return await manifestOf(chunks as AsyncIterable<Uint8Array>, found.size, nodeHashBlocks);
  } catch (error) {
    const known = PanalError.from(error);
    if (known.code === "not-found")
      throw new PanalError("not-found", `${path}: there is no such file`, { cause: error });
    throw known === error ? known : new PanalError(known.code, `${path}: ${known.message}`, { cause: error });
  }
}
