import { randomBytes } from "node:crypto";
import { type FileHandle, open, rm } from "node:fs/promises";
import { join } from "node:path";
import {
  type HashBlocks,
  type Manifest,
  PanalError,
  manifestOf,
  parseFileId,
  pieceLengthFor,
} from "@panal/sdk";
import { PART_SUFFIX, createFlusher } from "@panal/sdk/node";
import type { UploadFileRequest, UploadHeader } from "@panal/sdk/proto";
import { inboxPathOf } from "./inbox-path.ts";
import { shownPath } from "./inbox.ts";
import type { PeerUploads } from "./peer-uploads.ts";
import { parseModifiedMs } from "./modified-time.ts";

/**
 * A file that comes in one stream: hashed piece by piece on the way to the disk, published when it is whole, and thrown away when
 * it breaks off. Throws "invalid", "out-of-range" for more bytes than were announced, "corrupt" for another content.
 */
export async function receiveStream(
  messages: AsyncIterable<UploadFileRequest>,
  { uploads, inbox, files, memory: { hashBlocks }, client }: PeerUploads & { client: string },
): Promise<{ fileId: string; path: string }> {
  const iterator = messages[Symbol.asyncIterator]();
  const first = await iterator.next();
  if (first.done === true || first.value.part.case !== "header") {
    throw new PanalError("invalid", "the first message of an upload is its header");
  }
  const header = parseHeader(first.value.part.value);
  const there =
    header.fileId !== undefined && header.length > 0
      ? files.pathOf(header.fileId, shownPath(inbox, header.path))
      : undefined;
  if (header.fileId !== undefined && there !== undefined) return { fileId: header.fileId, path: there };
  await uploads.checkPlace(header.path, header.length, client);

  const partPath = join(inbox.parts, `${randomBytes(16).toString("hex")}-stream${PART_SUFFIX}`);
  const part = await open(partPath, "wx");
  try {
    const manifest = await writeStream(dataOf(iterator), part, { length: header.length, hashBlocks });
    if (header.fileId !== undefined && header.fileId !== manifest.fileId) {
      throw new PanalError("corrupt", `${header.path}: it is ${manifest.fileId}, not what was announced`);
    }
    if (header.modifiedMs > 0) await part.utimes(header.modifiedMs / 1000, header.modifiedMs / 1000);
    const path = await uploads.publish(header.path, partPath, { manifest, client });
    return { fileId: manifest.fileId, path };
  } finally {
    await part.close();
    await rm(partPath, { force: true });
  }
}

function parseHeader(header: UploadHeader) {
  const length = Number(header.length);
  // Throws for a length that no file has.
  pieceLengthFor(length);
  return {
    path: inboxPathOf(header.path),
    length,
    fileId: header.fileId === "" ? undefined : parseFileId(header.fileId, "file_id"),
    modifiedMs: parseModifiedMs(header.modifiedMs),
  };
}

async function* dataOf(messages: AsyncIterator<UploadFileRequest>): AsyncGenerator<Uint8Array> {
  for (let next = await messages.next(); next.done !== true; next = await messages.next()) {
    if (next.value.part.case !== "data") throw new PanalError("invalid", "after the header comes only data");
    yield next.value.part.value;
  }
}

async function writeStream(
  chunks: AsyncIterable<Uint8Array>,
  file: FileHandle,
  { length, hashBlocks }: { length: number; hashBlocks: HashBlocks },
): Promise<Manifest> {
  const flusher = createFlusher(file);
  try {
    const manifest = await manifestOf(exactly(length, chunks), length, hashBlocks, async (piece) => {
      await file.writeFile(piece);
      flusher.written(piece.length);
    });
    await flusher.flushAll();
    return manifest;
  } finally {
    await flusher.idle();
  }
}

async function* exactly(length: number, chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let total = 0;
  for await (const chunk of chunks) {
    total += chunk.length;
    if (total > length) throw new PanalError("out-of-range", `more than the ${length} bytes it was to have`);
    yield chunk;
  }
  if (total < length) throw new PanalError("invalid", `${total} bytes came of the ${length} it was to have`);
}
