import { realpath, stat } from "node:fs/promises";
import { basename, join } from "node:path";
import { PanalError, displayName } from "@panal/sdk";
import { scan } from "../library/scan.ts";

/** A file of this machine that is to be sent. */
export interface FileToSend {
  readonly file: string;
  /** What it is to be called there: for what is in a folder with that one's name in front. */
  readonly path: string;
  readonly size: number;
}

/**
 * The files themselves, and all in the folders by path, as `share` sees them: without links and hidden ones. `onSkipped`: what isn't sent, and
 * why. Throws "not-found" for what isn't there.
 */
export async function filesToSend(
  arguments_: readonly string[],
  onSkipped: (sentence: string) => void,
): Promise<FileToSend[]> {
  const files: FileToSend[] = [];
  for (const argument of arguments_) {
    const found = await stat(argument).catch((error: unknown) => {
      const { code, message } = PanalError.from(error);
      const why = code === "not-found" ? "there is no such file or folder" : message;
      throw new PanalError(code, `${argument}: ${why}`, { cause: error });
    });
    const root = await realpath(argument);
    if (!found.isDirectory()) {
      files.push({ file: root, path: basename(argument), size: found.size });
      continue;
    }
    const inFolder: FileToSend[] = [];
    for (const each of scan({ root, includeHidden: false })) {
      const path = `${basename(root)}/${each.path}`;
      if (each.type === "file") inFolder.push({ file: join(root, each.path), path, size: each.stamp.size });
      else onSkipped(`Not sent: ${displayName(path)}: ${each.reason}`);
    }
    // A file system gives them in whichever order.
    inFolder.sort((a, b) => (a.path < b.path ? -1 : 1));
    for (const each of inFolder) files.push(each);
  }
  return files;
}
