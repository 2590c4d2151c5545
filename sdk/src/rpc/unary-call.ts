import type { DescMessage, DescMethodUnary, MessageInitShape, MessageShape } from "@bufbuild/protobuf";
import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { ConnectError } from "@connectrpc/connect";
import { PanalError } from "../errors.ts";
import type { BodyReader, ByteRequest, ByteResponse, ByteTransport } from "./byte-transport.ts";
import { panalErrorFromConnect } from "./connect-errors.ts";
import { codeFromName } from "./stream-formats.ts";

/** Longest answer to a call with file data: which pieces are missing, a bit each. */
const MAX_ANSWER_BYTES = 64 * 1024;

export interface UnaryCallOptions {
  /** Base URL. */
  url: string;
  transport: ByteTransport;
  headers?: Readonly<Record<string, string>>;
  signal: AbortSignal;
}

/**
 * One call over Connect, by whatever sends bytes best here; for messages with file data. Tells apart what stock clients don't: a 413 of a
 * proxy is "too-large". Throws PanalErrors.
 */
export function callUnary<I extends DescMessage, O extends DescMessage>(
  method: DescMethodUnary<I, O>,
  message: MessageInitShape<I>,
  options: UnaryCallOptions,
): Promise<MessageShape<O>> {
  return callWithBytes(method, { body: toBinary(method.input, create(method.input, message)) }, options);
}

/** The same with a message that is written already. */
export async function callWithBytes<O extends DescMessage>(
  method: DescMethodUnary<DescMessage, O>,
  message: Pick<ByteRequest, "body" | "fileData">,
  { url, transport, headers, signal }: UnaryCallOptions,
): Promise<MessageShape<O>> {
  const response = await transport({
    url: `${url}/${method.parent.typeName}/${method.name}`,
    method: "POST",
    headers: { "content-type": "application/proto", "connect-protocol-version": "1", ...headers },
    ...message,
    signal,
  });
  if (response.status === 413) {
    await response.cancel();
    throw new PanalError("too-large", "so many bytes at once are too much for what is on the way");
  }
  const answer = await bodyOf(response);
  if (response.status !== 200) throw errorOf(response, answer);
  if (response.header("content-type") !== "application/proto") {
    throw new PanalError("protocol", `an answer of type ${response.header("content-type") ?? "unknown"}`);
  }
  try {
    return fromBinary(method.output, answer);
  } catch (error) {
    throw new PanalError("protocol", `the answer is no ${method.output.name}`, { cause: error });
  }
}

async function bodyOf(response: ByteResponse): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let total = 0;
  const reader: BodyReader = {
    direct: () => undefined,
    filled: () => {},
    take(chunk) {
      total += chunk.length;
      if (total > MAX_ANSWER_BYTES)
        throw new PanalError("protocol", `an answer of more than ${MAX_ANSWER_BYTES} bytes`);
      // It may be used again by whoever gives it; of a Buffer, `slice` is no copy.
      chunks.push(new Uint8Array(chunk));
      return chunk.length;
    },
    whenRoom: () => Promise.resolve(),
    isDone: false,
    end: () => {},
  };
  await response.read(reader);
  const body = new Uint8Array(total);
  let at = 0;
  for (const chunk of chunks) {
    body.set(chunk, at);
    at += chunk.length;
  }
  return body;
}

/** What Connect says in JSON; or what somebody on the way says, by its status. */
function errorOf({ status }: ByteResponse, body: Uint8Array): PanalError {
  try {
    const value: unknown = JSON.parse(new TextDecoder().decode(body));
    if (typeof value === "object" && value !== null && "code" in value && typeof value.code === "string") {
      const code = codeFromName(value.code);
      const message = "message" in value && typeof value.message === "string" ? value.message : value.code;
      if (code !== undefined) return panalErrorFromConnect(new ConnectError(message, code));
    }
  } catch {
    // A page of a proxy.
  }
  const isPassing = status >= 500 || status === 408 || status === 429;
  return new PanalError(isPassing ? "unreachable" : "protocol", `the answer was HTTP ${status}`);
}
