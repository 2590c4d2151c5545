/** Headers of a request that is taken here; with more it isn't one of ours. */
const MAX_HEADERS = 64;

/** The head of a request about which there is nothing out of the way. */
export interface PlainHead {
  readonly method: string;
  readonly url: string;
  /** By lower-case name; none comes twice. */
  readonly headers: ReadonlyMap<string, string>;
  /** Of the body, in bytes. */
  readonly length: number;
}

/** With one of these it is no plain request: it asks for more than an answer, or its body ends otherwise than after a number of bytes. */
const OTHERWISE = ["transfer-encoding", "expect", "upgrade", "trailer", "te"] as const;

/**
 * `text`: all up to the empty line, without it. Undefined for whatever isn't quite plain, also for what is wrong: that is for Node's own
 * parser to read, so that there is nothing two of them could understand in two ways.
 */
export function parsePlainHead(text: string): PlainHead | undefined {
  const [first = "", ...lines] = text.split("\r\n");
  const match = /^([A-Z]{1,16}) (\/[!-~]*) HTTP\/1\.1$/.exec(first);
  if (match === null || lines.length > MAX_HEADERS) return undefined;
  const headers = new Map<string, string>();
  for (const line of lines) {
    const header =
      /^([!#$%&'*+.^_`|~\w-]+):[ \t]*([!-~\u0080-\u00ff](?:[ -~\t\u0080-\u00ff]*[!-~\u0080-\u00ff])?|)[ \t]*$/.exec(
        line,
      );
    if (header === null) return undefined;
    const [, name, value] = header as unknown as [string, string, string];
    if (headers.has(name.toLowerCase())) return undefined;
    headers.set(name.toLowerCase(), value);
  }
  if (!headers.has("host") || OTHERWISE.some((name) => headers.has(name))) return undefined;
  if (!/^(?:|keep-alive)$/i.test(headers.get("connection") ?? "")) return undefined;
  const length = headers.get("content-length") ?? "0";
  if (!/^\d{1,10}$/.test(length)) return undefined;
  return { method: match[1]!, url: match[2]!, headers, length: Number(length) };
}
