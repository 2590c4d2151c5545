import { mkdir, realpath } from "node:fs/promises";
import { join, relative, resolve, sep } from "node:path";
import { PanalError } from "@panal/sdk";
import { isSharedPath } from "../library/scan.ts";

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

export interface ShareAround {
  /** Real path. */
  readonly shareRoot: string;
  /** Whether it shares names that start with a dot. */
  readonly includeHidden: boolean;
}

/**
 * Makes the folder when it isn't there. Throws what making it throws, with its name, and "invalid" for one in the share that isn't shared:
 * what comes would be told of and never be there.
 */
export async function openInbox(
  folder: string | undefined,
  { shareRoot, includeHidden }: ShareAround,
): Promise<Inbox> {
  const wanted = folder === undefined ? join(shareRoot, DEFAULT_INBOX) : resolve(folder);
  const sharePathOf = (path: string) => {
    const sharePath = pathWithin(shareRoot, path);
    if (sharePath === undefined || sharePath === "" || isSharedPath(sharePath, includeHidden))
      return sharePath;
    throw new PanalError(
      "invalid",
      "it is in the share, but isn't shared by its name: choose another one, or start with --hidden if a name starts with a dot",
    );
  };
  try {
    // Before it is made, and again when it is known where links lead.
    sharePathOf(wanted);
    await mkdir(wanted, { recursive: true });
    const root = await realpath(wanted);
    const sharePath = sharePathOf(root);
    const parts = join(root, PARTS_FOLDER);
    await mkdir(parts, { recursive: true, mode: 0o700 });
    // A link there would lead parts to another file system, or anywhere.
    if ((await realpath(parts)) !== parts) throw new PanalError("invalid", `${parts} is a link`);
    return { root, parts, sharePath };
  } catch (error) {
    const { code, message } = PanalError.from(error);
    throw new PanalError(code === "conflict" ? "invalid" : code, `inbox ${wanted}: ${message}`, {
      cause: error,
    });
  }
}

/** "/" between names; undefined for what is elsewhere. */
function pathWithin(root: string, path: string): string | undefined {
  const inner = relative(root, path);
  const isWithin = inner !== ".." && !inner.startsWith(`..${sep}`) && resolve(root, inner) === path;
  return isWithin ? inner.replaceAll(sep, "/") : undefined;
}

/** A path within the inbox as people find it: within the share, if that holds the inbox. */
export function shownPath({ sharePath }: Inbox, path: string): string {
  return sharePath === undefined || sharePath === "" ? path : `${sharePath}/${path}`;
}
