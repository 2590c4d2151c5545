import { PieceSet } from "../../content/piece-set.ts";
import { PanalError, type PanalErrorCode } from "../../errors.ts";
import type { FileData, UploadTarget } from "../upload-target.ts";

/** A target in memory that can be told how to misbehave. */
export interface FakeUploadTarget extends UploadTarget {
  /** What has come, in its place. */
  readonly content: Uint8Array;
  /** Bytes of each part, as they came. */
  readonly parts: readonly number[];
  readonly begins: number;
  readonly largestParallel: number;
}

export interface FakeUploadTargetOptions {
  id: string;
  length: number;
  /** Pieces that are there from before. */
  have?: readonly number[];
  /** It has the whole of it, here. */
  thereAt?: string;
  /** Longer parts don't get through. */
  maxPartBytes?: number;
  /** What they fail with; default "too-large". */
  tooLongCode?: PanalErrorCode;
  /** Called before each call; a code makes it fail. */
  fails?: (call: "begin" | "put" | "commit") => PanalErrorCode | undefined;
}

export function createFakeUploadTarget(options: FakeUploadTargetOptions): FakeUploadTarget {
  const { id, length, maxPartBytes = Infinity, tooLongCode = "too-large" } = options;
  const content = new Uint8Array(length);
  const parts: number[] = [];
  const have = new Set(options.have);
  let begins = 0;
  let parallel = 0;
  let largestParallel = 0;

  function attempt(call: "begin" | "put" | "commit"): void {
    const code = options.fails?.(call);
    if (code !== undefined) throw new PanalError(code, `${call} fails`);
  }

  return {
    id,
    name: id,
    route: "direct",
    content,
    parts,
    get begins() {
      return begins;
    },
    get largestParallel() {
      return largestParallel;
    },
    async begin({ manifest }) {
      begins++;
      attempt("begin");
      if (options.thereAt !== undefined) return { type: "there", path: options.thereAt };
      const missing = PieceSet.full(manifest.pieceCount);
      for (const piece of have) missing.delete(piece);
      return { type: "open", uploadId: `upload ${begins}`, missing };
    },
    async put(_uploadId, { start, end, pieceLength, data }) {
      largestParallel = Math.max(largestParallel, ++parallel);
      // The others get their turn.
      const bytes = await bytesOf(data);
      parallel--;
      if (bytes.length !== end - start) throw new PanalError("internal", "other bytes than it says");
      if (bytes.length > maxPartBytes) throw new PanalError(tooLongCode, `${bytes.length} bytes`);
      attempt("put");
      parts.push(bytes.length);
      content.set(bytes, start);
      for (let piece = Math.ceil(start / pieceLength); piece * pieceLength < end; piece++) {
        if (Math.min((piece + 1) * pieceLength, length) <= end) have.add(piece);
      }
    },
    async commit() {
      attempt("commit");
      return `inbox/${id}`;
    },
    abort: async () => {},
  };
}

async function bytesOf(data: FileData): Promise<Uint8Array> {
  return data instanceof Blob ? new Uint8Array(await data.arrayBuffer()) : data;
}
