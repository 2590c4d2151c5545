/** One HTTP request whose answer is read as it comes; the runtime's best client behind one shape. */
export type ByteTransport = (request: ByteRequest) => Promise<ByteResponse>;

export interface ByteRequest {
  readonly url: string;
  readonly method: "GET" | "POST";
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: Uint8Array<ArrayBuffer>;
  readonly signal: AbortSignal;
}

export interface ByteResponse {
  readonly status: number;
  header(name: string): string | undefined;
  /**
   * The body in chunks of any size, each valid only until the next is asked for (its memory may be used again).
   * Leaving the loop early ends the request.
   */
  readonly body: AsyncIterable<Uint8Array>;
  /** Ends the request without reading the body. */
  cancel(): Promise<void>;
}
