import { type Socket, connect } from "node:net";
import { connect as connectTls } from "node:tls";
import { PanalError } from "../errors.ts";
import type { BodyReader } from "../rpc/byte-transport.ts";
import { type Http1Parser, type ResponseHead, createHttp1Parser } from "./http1-parser.ts";

/** What isn't file data (heads, frames) is received in so small steps that no file data to speak of comes with it. */
const SCRATCH_BYTES = 64;
/** Where the system may go on writing into memory it was given after we have stopped it (Windows), all is copied. */
const COPIED_READ_BYTES = 64 * 1024;
const RECEIVES_DIRECTLY = process.platform !== "win32";

/** A connection to one origin, for one request after the other. */
export interface Http1Connection {
  /** False as soon as it can't take another request. */
  readonly isUsable: boolean;
  /** Sends a request and waits for the head of its answer. Throws "unreachable", "protocol". */
  exchange(request: readonly Uint8Array[]): Promise<Http1Answer>;
  /** Ends it; what is under way fails with this error. */
  destroy(error: PanalError): void;
}

/** An answer whose body waits for its reader. */
export interface Http1Answer {
  readonly head: ResponseHead;
  /** All of it has come: the connection may be another one's. */
  readonly isOver: boolean;
  /** Settles when the body is over or the reader has had enough. Throws also what the reader throws. */
  read(reader: BodyReader): Promise<void>;
}

interface Exchange {
  readonly parser: Http1Parser;
  readonly head: PromiseWithResolvers<void>;
  readonly body: PromiseWithResolvers<void>;
  reader: BodyReader | undefined;
}

/**
 * Connects to an http or https origin. File data is received by the system straight into the memory of whoever reads
 * it, in as large steps as it comes. `onIdle`: an answer is over, and the connection can take the next request.
 */
export function openHttp1Connection(
  origin: URL,
  { connectTimeoutMs, onIdle }: { connectTimeoutMs: number; onIdle: () => void },
): Http1Connection {
  const scratch = Buffer.allocUnsafeSlow(RECEIVES_DIRECTLY ? SCRATCH_BYTES : COPIED_READ_BYTES);
  /** Received and not taken yet, in `scratch`. */
  let rest = scratch.subarray(0, 0);
  let isDirect = false;
  let exchange: Exchange | undefined;
  let failure: PanalError | undefined;

  const socket = connectTo(origin, { buffer: nextMemory, callback: received });
  const timer = setTimeout(() => {
    fail(new PanalError("unreachable", `no connection within ${connectTimeoutMs / 1000} s`));
  }, connectTimeoutMs);
  socket.setNoDelay(true);
  socket.once(origin.protocol === "https:" ? "secureConnect" : "connect", () => clearTimeout(timer));
  socket.on("error", (error) => fail(PanalError.from(error, "unreachable")));
  socket.on("end", ended);
  socket.on("close", () => fail(new PanalError("unreachable", "the connection broke")));

  function nextMemory(): Uint8Array {
    const direct = RECEIVES_DIRECTLY ? exchange?.parser.direct() : undefined;
    isDirect = direct !== undefined;
    return direct ?? scratch;
  }

  /** False makes the socket wait: nothing is received until `resume`. */
  function received(bytes: number): boolean {
    if (!isDirect) rest = scratch.subarray(0, bytes);
    return attempt((current) => {
      if (isDirect) current.parser.filled(bytes);
      return proceed(current);
    });
  }

  /** Whatever fails in it fails the exchange and ends the connection. */
  function attempt(step: (current: Exchange) => boolean): boolean {
    try {
      if (exchange === undefined) throw new PanalError("protocol", "bytes nobody asked for");
      return step(exchange);
    } catch (error) {
      fail(PanalError.from(error));
      return false;
    }
  }

  /** Takes what is there; whether more can be received now. */
  function proceed(current: Exchange): boolean {
    const { parser, reader } = current;
    rest = rest.subarray(parser.take(rest));
    if (parser.head !== undefined) current.head.resolve();
    if (parser.isOver) {
      finish(current);
      return failure === undefined;
    }
    if (reader?.isDone === true) {
      exchange = undefined;
      current.body.resolve();
      fail(new PanalError("aborted", "nothing more is wanted"));
      return false;
    }
    if (rest.length === 0) return true;
    // Without a reader it is `read` that goes on.
    if (reader !== undefined) void reader.whenRoom().then(resume, failWith);
    return false;
  }

  function resume(): void {
    if (exchange !== undefined && attempt(proceed)) socket.resume();
  }

  function finish(current: Exchange): void {
    exchange = undefined;
    try {
      current.reader?.end();
      current.head.resolve();
      current.body.resolve();
    } catch (error) {
      current.body.reject(error);
    }
    if (rest.length > 0 || !current.parser.keepsAlive) return fail(new PanalError("unreachable", "closed"));
    // What waits for a next request must not keep the process alive.
    socket.unref();
    onIdle();
  }

  function ended(): void {
    if (exchange === undefined) return fail(new PanalError("unreachable", "closed"));
    attempt((current) => {
      current.parser.connectionEnded();
      finish(current);
      return false;
    });
  }

  function failWith(error: unknown): void {
    fail(PanalError.from(error));
  }

  function fail(error: PanalError): void {
    if (failure !== undefined) return;
    failure = error;
    clearTimeout(timer);
    socket.destroy();
    const current = exchange;
    exchange = undefined;
    current?.head.reject(error);
    current?.body.reject(error);
  }

  return {
    get isUsable() {
      return failure === undefined && exchange === undefined;
    },
    async exchange(request) {
      if (failure !== undefined) throw failure;
      const current: Exchange = {
        parser: createHttp1Parser(),
        head: Promise.withResolvers(),
        body: Promise.withResolvers(),
        reader: undefined,
      };
      // It may fail before anybody reads it.
      current.body.promise.catch(() => {});
      exchange = current;
      socket.ref();
      // At one go, without being put together before.
      socket.cork();
      for (const part of request) socket.write(part);
      socket.uncork();
      await current.head.promise;
      return {
        head: current.parser.head!,
        get isOver() {
          return current.parser.isOver;
        },
        async read(reader) {
          current.reader = reader;
          current.parser.attach(reader);
          if (exchange === current) resume();
          else if (current.parser.isOver) reader.end();
          await current.body.promise;
        },
      };
    },
    destroy: fail,
  };
}

function connectTo(
  { protocol, hostname, port }: URL,
  onread: { buffer: () => Uint8Array; callback: (bytes: number) => boolean },
): Socket {
  // In URLs the literal of an IPv6 address is in brackets.
  const host = hostname.replace(/^\[(.*)\]$/, "$1");
  if (protocol === "http:") return connect({ host, port: Number(port || 80), onread });
  const isName = host === hostname && !/^[\d.]+$/.test(host);
  const options = { host, port: Number(port || 443), ...(isName ? { servername: host } : {}), onread };
  return connectTls({ ...options, ALPNProtocols: ["http/1.1"] });
}
