export interface HttpAnswer {
  readonly status: number;
  readonly body: Buffer;
  /** When to come again, where the answer says so. */
  readonly retryAfterSeconds?: number;
}

/** What our own trackers send at most; more is a mistake, not an answer. */
const MAX_ANSWER_BYTES = 16 * 1024 * 1024;
const HEAD_END = "\r\n\r\n";

/** The answer that begins the bytes, once all of it is there. Throws when it is none, or endless. */
export function parseAnswer(bytes: Buffer): HttpAnswer | undefined {
  if (bytes.length > MAX_ANSWER_BYTES) throw new Error(`an answer of more than ${MAX_ANSWER_BYTES} bytes`);
  const headEnd = bytes.indexOf(HEAD_END);
  if (headEnd < 0) return undefined;
  const head = bytes.toString("latin1", 0, headEnd);
  const status = Number(/^HTTP\/1\.1 (\d{3})/.exec(head)?.[1]);
  if (Number.isNaN(status)) throw new Error(`no answer: ${head.slice(0, 100)}`);
  const body = bodyOf(status, head, bytes.subarray(headEnd + HEAD_END.length));
  if (body === undefined) return undefined;
  const retryAfter = status < 400 ? undefined : /\r\nretry-after: *(\d+)/i.exec(head)?.[1];
  return { status, body, ...(retryAfter === undefined ? {} : { retryAfterSeconds: Number(retryAfter) }) };
}

function bodyOf(status: number, head: string, rest: Buffer): Buffer | undefined {
  if (status === 204 || status === 304) return Buffer.alloc(0);
  const length = /\r\ncontent-length: *(\d+)/i.exec(head)?.[1];
  if (length === undefined) return chunkedBody(rest);
  return rest.length < Number(length) ? undefined : rest.subarray(0, Number(length));
}

function chunkedBody(bytes: Buffer): Buffer | undefined {
  const chunks: Buffer[] = [];
  for (let at = 0; ;) {
    const lineEnd = bytes.indexOf("\r\n", at);
    if (lineEnd < 0) return undefined;
    const length = Number.parseInt(bytes.toString("latin1", at, lineEnd), 16);
    if (Number.isNaN(length)) throw new Error("an answer with neither length nor chunks");
    const start = lineEnd + 2;
    if (bytes.length < start + length + 2) return undefined;
    if (length === 0) return Buffer.concat(chunks);
    chunks.push(bytes.subarray(start, start + length));
    at = start + length + 2;
  }
}
