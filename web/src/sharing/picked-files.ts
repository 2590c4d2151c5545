import { type Manifest, PanalError } from "@panal/sdk";
import type { RootRequest } from "./sharing-api.ts";

/** One file of what was picked. */
export interface PickedFile {
  /** Within what was picked; empty for a single file. */
  readonly path: string;
  /** Where it is known without reading it. */
  readonly manifest?: Manifest | undefined;
  open(): Promise<File>;
}

/** As deep as a share's paths may be, and a way out of folders that a link makes endless. */
const MAX_DEPTH = 60;

/**
 * The files of what was picked, in the browser's order, without those in it whose name starts with a dot, or that lie in such a
 * folder: nobody thinks of them. Throws "no-permission" and "not-found".
 */
export async function* pickedFiles({ kind, source }: RootRequest): AsyncGenerator<PickedFile> {
  if (source.type === "files") {
    for (const { path, file } of source.files) {
      if (kind === "file") yield { path: "", manifest: source.download?.manifest, open: async () => file };
      else if (!path.split("/").some(isHidden)) yield { path, open: async () => file };
    }
    return;
  }
  try {
    yield* filesOfHandle(source.handle, "", 0);
  } catch (error) {
    throw pickedError(error);
  }
}

async function* filesOfHandle(
  handle: FileSystemFileHandle | FileSystemDirectoryHandle,
  path: string,
  depth: number,
): AsyncGenerator<PickedFile> {
  if (handle.kind === "file") {
    const file = handle;
    yield { path, open: () => file.getFile().catch((error: unknown) => Promise.reject(pickedError(error))) };
    return;
  }
  if (depth === MAX_DEPTH) return;
  for await (const child of handle.values()) {
    if (isHidden(child.name)) continue;
    yield* filesOfHandle(child, path === "" ? child.name : `${path}/${child.name}`, depth + 1);
  }
}

function isHidden(name: string): boolean {
  return name.startsWith(".");
}

function pickedError(error: unknown): PanalError {
  if (error instanceof DOMException && error.name === "NotFoundError")
    return new PanalError("not-found", "it isn't there any more", { cause: error });
  const meant = PanalError.from(error);
  if (meant.code !== "no-permission") return meant;
  return new PanalError("no-permission", "the browser doesn't let the page read it", { cause: error });
}
