import { Duplex } from "node:stream";

/** One end of a connection within this process. */
class PairedSocket extends Duplex {
  #other: PairedSocket | undefined;
  /** Whoever wrote last goes on when the other end wants more. */
  #goOn: (() => void) | undefined;
  /** As a socket of the system has it: who is at the other end. */
  readonly remoteAddress: string | undefined;

  constructor(remoteAddress?: string) {
    super();
    this.remoteAddress = remoteAddress;
  }

  static pair(client: string | undefined): [PairedSocket, PairedSocket] {
    const [a, b] = [new PairedSocket(), new PairedSocket(client)];
    a.#other = b;
    b.#other = a;
    return [a, b];
  }

  override _read(): void {
    const other = this.#other;
    if (other === undefined) return;
    const goOn = other.#goOn;
    other.#goOn = undefined;
    goOn?.();
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    // Copied, as by a socket: whoever writes uses its memory again once it is told that the write is over.
    if (this.#other?.push(Buffer.from(chunk)) === true) done();
    else this.#goOn = done;
  }

  override _final(done: () => void): void {
    this.#other?.push(null);
    done();
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    const other = this.#other;
    this.#other = undefined;
    this.#goOn?.();
    this.#goOn = undefined;
    if (other !== undefined) setImmediate(() => other.destroy());
    done(error);
  }

  // What HTTP asks of a socket, and what has no meaning here.
  setTimeout(): this {
    return this;
  }
  setNoDelay(): this {
    return this;
  }
  setKeepAlive(): this {
    return this;
  }
  ref(): this {
    return this;
  }
  unref(): this {
    return this;
  }
}

/** Two ends of a connection that never leaves this process: the client's, and the server's, which takes it for one from `client`. */
export function pairedSockets(client: string | undefined): [Duplex, Duplex] {
  return PairedSocket.pair(client);
}
