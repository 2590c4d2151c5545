import type { FileData } from "../transfer/upload-target.ts";

/** One HTTP request whose answer is read as it comes; the runtime's best client behind one shape. */
export type ByteTransport = (request: ByteRequest) => Promise<ByteResponse>;

export interface ByteRequest {
  readonly url: string;
  readonly method: "GET" | "POST";
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: Uint8Array<ArrayBuffer>;
  /** The rest of the body, after `body`: file data, which isn't copied to be put behind it where that can be helped. */
  readonly fileData?: FileData;
  readonly signal: AbortSignal;
}

export interface ByteResponse {
  readonly status: number;
  header(name: string): string | undefined;
  /**
   * Gives the body to `reader` until it ends or the reader wants nothing more, which ends the request. Throws what the
   * reader throws, "unreachable" when the connection breaks, "aborted".
   */
  read(reader: BodyReader): Promise<void>;
  /** Ends the request without reading the body. */
  cancel(): Promise<void>;
}

/** Takes a body as it comes, and throws when it isn't what it should be. */
export interface BodyReader {
  /** Memory in which the next bytes are to be received: they are nothing but what belongs there. */
  direct(): Uint8Array | undefined;
  /** So many bytes have come to the beginning of `direct()`. */
  filled(bytes: number): void;
  /** Takes bytes that came elsewhere; gives how many: fewer than all when it waits for room or is done. */
  take(chunk: Uint8Array): number;
  /** Settles when `take` can go on; rejects with "aborted". */
  whenRoom(): Promise<void>;
  /** Nothing more is wanted. */
  readonly isDone: boolean;
  /** The body is over: throws unless that was all. */
  end(): void;
}

/** Gives a whole chunk to a reader, waiting while it has no room. */
export async function feed(chunk: Uint8Array, reader: BodyReader): Promise<void> {
  for (let at = 0; at < chunk.length && !reader.isDone;) {
    const taken = reader.take(at === 0 ? chunk : chunk.subarray(at));
    if (taken === 0 && !reader.isDone) await reader.whenRoom();
    at += taken;
  }
}
