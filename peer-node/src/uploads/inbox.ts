import { mkdir, realpath } from "node:fs/promises";
import { join, relative, resolve, sep } from "node:path";
import { PanalError } from "@panal/sdk";

/** Where uploads go when nobody says otherwise: a folder of the share. */
const DEFAULT_INBOX = "inbox";
/** Beside what is whole, on the same file system: hidden, and by its names never shared. */
const PARTS_FOLDER = ".panal-uploads";

/** The folder that takes uploads. */
export interface Inbox {
  /** Real path. */
  readonly root: string;
  /** Where uploads are until they are whole. */
  readonly parts: string;
  /** Where it is in the share; undefined when it is elsewhere: then what comes is not shared. */
  readonly sharePath: string | undefined;
}

/** Makes the folder when it isn't there. `shareRoot`: real path. Throws what making it throws, with its name. */
export async function openInbox(folder: string | undefined, shareRoot: string): Promise<Inbox> {
  const wanted = folder === undefined ? join(shareRoot, DEFAULT_INBOX) : resolve(folder);
  try {
    await mkdir(wanted, { recursive: true });
    const root = await realpath(wanted);
    const parts = join(root, PARTS_FOLDER);
    await mkdir(parts, { recursive: true, mode: 0o700 });
    // A link there would lead parts to another file system, or anywhere.
    if ((await realpath(parts)) !== parts) throw new PanalError("invalid", `${parts} is a link`);
    const path = relative(shareRoot, root);
    const isInShare = path !== ".." && !path.startsWith(`..${sep}`) && resolve(shareRoot, path) === root;
    return { root, parts, sharePath: isInShare ? path.replaceAll(sep, "/") : undefined };
  } catch (error) {
    const { code, message } = PanalError.from(error);
    throw new PanalError(code === "conflict" ? "invalid" : code, `inbox ${wanted}: ${message}`, {
      cause: error,
    });
  }
}

/** A path within the inbox as people find it: within the share, if that holds the inbox. */
export function shownPath({ sharePath }: Inbox, path: string): string {
  return sharePath === undefined || sharePath === "" ? path : `${sharePath}/${path}`;
}
