import { Readable } from "node:stream";
import { contentRange, fileIdLength } from "@panal/sdk";
import { MAX_MESSAGE_HEADER_BYTES, type StreamFrames, writeMessageHeader } from "@panal/sdk/node";
import type { PeerRequest, StreamedAnswer } from "../gateway/peer-way.ts";
import { type FileWish, parseFileWish } from "./file-wish.ts";
import { NotGivenError, type StartFilling } from "./filling.ts";
import type { HotSlices } from "./hot-slices.ts";
import { partMemory } from "./part-memory.ts";
import { type Reading, type SharedFile, createSharedFile } from "./shared-file.ts";

export interface SharedAnswersOptions {
  hot: HotSlices;
  start: StartFilling;
  now: () => number;
}

/** Bytes of one attached peer's files, for all who ask for them. */
export interface SharedAnswers {
  /** The answer, if the request is for bytes of a file and the peer gives those; undefined: the peer is to be asked with the request as it is. */
  answer(request: PeerRequest, body: Uint8Array): Promise<StreamedAnswer | undefined>;
  /** What it shares has changed, or it has gone: nothing that was kept is given any more. What is under way is the peer's to end. */
  forget(): void;
}

export function createSharedAnswers({ hot, start, now }: SharedAnswersOptions): SharedAnswers {
  const slices = hot.of();
  /** Those that somebody reads. */
  const files = new Map<string, SharedFile>();

  function fileOf({ fileId }: FileWish): SharedFile {
    const known = files.get(fileId);
    if (known !== undefined) return known;
    const file = createSharedFile({
      fileId,
      lengthBytes: fileIdLength(fileId),
      slices,
      start,
      onIdle: () => files.delete(fileId),
      now,
    });
    files.set(fileId, file);
    return file;
  }

  return {
    async answer(request, body) {
      const wish = parseFileWish(request, body);
      if (wish === undefined) return undefined;
      const reading = fileOf(wish).read(wish.range, {
        agent: request.headers["user-agent"],
        client: request.client,
      });
      request.signal.addEventListener("abort", reading.close, { once: true });
      try {
        if (request.signal.aborted) throw request.signal.reason;
        // Only with the first bytes it is sure that there are any.
        return answerOf(wish, bodyOf(reading, { first: await reading.next(), frames: wish.frames }));
      } catch (error) {
        reading.close();
        if (error instanceof NotGivenError) return undefined;
        throw error;
      }
    },
    forget: slices.clear,
  };
}

function answerOf({ fileId, range, frames, isPart }: FileWish, body: Readable): StreamedAnswer {
  const written = partMemory.drop;
  if (frames !== undefined)
    return { status: 200, headers: { "content-type": frames.contentType }, body, written };
  return {
    status: isPart ? 206 : 200,
    headers: {
      "accept-ranges": "bytes",
      "content-length": String(range.end - range.start),
      etag: `"${fileId}"`,
      ...(isPart ? { "content-range": contentRange(range, fileIdLength(fileId)) } : {}),
    },
    body,
    written,
  };
}

function bodyOf(
  reading: Reading,
  { first, frames }: { first: Buffer | undefined; frames: StreamFrames | undefined },
): Readable {
  const give = (chunk: Buffer | undefined) => {
    if (chunk === undefined) {
      const { body: end } = frames?.end(undefined) ?? {};
      if (end !== undefined) body.push(end);
      body.push(null);
      return;
    }
    if (frames !== undefined) body.push(messageHeader(chunk.length));
    body.push(chunk);
  };
  const body: Readable = new Readable({
    read() {
      reading.next().then(give, (error: Error) => body.destroy(error));
    },
    destroy(error, done) {
      reading.close();
      done(error);
    },
  });
  // Whoever reads it has a listener of its own; before that there may be none.
  body.on("error", () => {});
  give(first);
  return body;
}

/** What stands before so many bytes of a file. */
function messageHeader(dataLength: number): Buffer {
  const buffer = Buffer.allocUnsafe(MAX_MESSAGE_HEADER_BYTES);
  return buffer.subarray(writeMessageHeader(buffer, buffer.length, dataLength));
}
