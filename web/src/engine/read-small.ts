import { PanalError, followFileSources } from "@panal/sdk";
import { type FileId, fileIdLength, type HashBlocks } from "@panal/sdk/content";
import { createMemoryStore, download } from "@panal/sdk/transfer";
import { MAX_SMALL_FILE_BYTES } from "./engine-api.ts";
import type { FindSourcesOptions } from "./find-sources.ts";

type ReadSmallOptions = Omit<FindSourcesOptions, "fileId" | "onWaiting"> & { hashBlocks: HashBlocks };

/** A small file, in memory. Rejects when nobody has it. */
export async function readSmall(
  fileId: FileId,
  { signal, hashBlocks, ...options }: ReadSmallOptions,
): Promise<Uint8Array> {
  const lengthBytes = fileIdLength(fileId);
  if (lengthBytes > MAX_SMALL_FILE_BYTES) throw new PanalError("too-large", `${lengthBytes} bytes`);
  const ended = new AbortController();
  try {
    const following = AbortSignal.any([signal, ended.signal]);
    const sources = await followFileSources({ ...options, fileId, signal: following });
    const store = createMemoryStore();
    await download({ fileId, sources, store, signal, hashBlocks, clock: options.clock });
    return store.bytes!;
  } finally {
    ended.abort();
  }
}
