import { Transform, type TransformCallback } from "node:stream";
import { PanalError } from "@panal/sdk";

const HEAD_BYTES = 5;
/** The frame that ends a gRPC-Web answer. */
const TRAILER_FLAG = 0x80;
const MAX_TRAILER_BYTES = 16 * 1024;

/** gRPC's trailers that are passed on; those of the peer's own aren't. */
const TRAILERS: ReadonlySet<string> = new Set(["grpc-status", "grpc-message", "grpc-status-details-bin"]);

/**
 * The body of a gRPC-Web answer as gRPC has it: the same messages, whose bytes are passed on as they come, and without the frame that holds
 * the trailers, which are in `trailers` when it has ended.
 */
export class GrpcWebBody extends Transform {
  trailers: Record<string, string> | undefined;
  /** Of a frame's head, what has come. */
  #head = Buffer.alloc(0);
  /** Bytes of the message that are still to come. */
  #left = 0;
  /** Of the trailers; undefined before them. */
  #trailer: { readonly bytes: Buffer; filled: number } | undefined;

  override _transform(chunk: Buffer, _encoding: BufferEncoding, done: TransformCallback): void {
    try {
      for (let at = 0; at < chunk.length;) at += this.#take(chunk.subarray(at));
      done();
    } catch (error) {
      done(error instanceof Error ? error : new PanalError("protocol", String(error)));
    }
  }

  override _flush(done: TransformCallback): void {
    const isWhole = this.trailers !== undefined;
    done(isWhole ? null : new PanalError("protocol", "a gRPC-Web answer without its end"));
  }

  #take(bytes: Buffer): number {
    if (this.trailers !== undefined) throw new PanalError("protocol", "bytes after the trailers");
    if (this.#trailer !== undefined) return this.#takeTrailer(this.#trailer, bytes);
    if (this.#left > 0) {
      const taken = Math.min(this.#left, bytes.length);
      this.push(bytes.subarray(0, taken));
      this.#left -= taken;
      return taken;
    }
    const missing = bytes.subarray(0, HEAD_BYTES - this.#head.length);
    this.#head = Buffer.concat([this.#head, missing]);
    if (this.#head.length === HEAD_BYTES) this.#begin(this.#head);
    return missing.length;
  }

  #begin(head: Buffer): void {
    const length = head.readUInt32BE(1);
    this.#head = Buffer.alloc(0);
    if ((head[0]! & TRAILER_FLAG) === 0) {
      this.push(head);
      this.#left = length;
      return;
    }
    if (length > MAX_TRAILER_BYTES) throw new PanalError("too-large", `trailers of ${length} bytes`);
    this.#trailer = { bytes: Buffer.alloc(length), filled: 0 };
    if (length === 0) this.trailers = {};
  }

  #takeTrailer(trailer: { readonly bytes: Buffer; filled: number }, bytes: Buffer): number {
    const taken = bytes.copy(trailer.bytes, trailer.filled);
    trailer.filled += taken;
    if (trailer.filled === trailer.bytes.length)
      this.trailers = parseTrailers(trailer.bytes.toString("latin1"));
    return taken;
  }
}

/** Lines of "name: value"; what isn't ours to pass on is left out. */
export function parseTrailers(text: string): Record<string, string> {
  const trailers: Record<string, string> = {};
  for (const line of text.split("\r\n")) {
    const [, name = "", value = ""] = /^([^:\s]+):[ \t]*([\x20-\x7e]*)$/.exec(line) ?? [];
    if (TRAILERS.has(name.toLowerCase())) trailers[name.toLowerCase()] = value.trimEnd();
  }
  return trailers;
}
