import { once } from "node:events";
import { type AddressInfo, type Socket, connect, createServer } from "node:net";

const TICK_MS = 5;

/** A way to a peer that is as fast as it is told, whoever listens at its other end at the moment. */
export interface SlowWay {
  readonly url: string;
  /** To be called once the peer behind it is there, and again when it is elsewhere. */
  leadTo(url: string): void;
  /** Bytes that came back through it. */
  readonly bytes: number;
  /** From now on. */
  setRate(bytesPerSecond: number): void;
  /** Breaks every connection that goes through it. */
  cut(): void;
  close(): Promise<void>;
}

/** A TCP relay that gives what comes back at `bytesPerSecond`, all connections together. */
export async function openSlowWay(bytesPerSecond: number): Promise<SlowWay> {
  let port = 0;
  let bytes = 0;
  let perTick = 0;
  const setRate = (rate: number) => {
    perTick = Math.ceil((rate * TICK_MS) / 1000);
  };
  setRate(bytesPerSecond);
  const pairs = new Set<{ near: Socket; far: Socket }>();
  const server = createServer((near) => {
    const pair = { near, far: connect(port, "127.0.0.1") };
    pairs.add(pair);
    const end = () => {
      pairs.delete(pair);
      near.destroy();
      pair.far.destroy();
    };
    for (const socket of [near, pair.far]) socket.on("error", end).on("close", end);
    near.pipe(pair.far);
  }).listen(0, "127.0.0.1");
  const timer = setInterval(() => {
    let left = perTick;
    for (const { near, far } of pairs) {
      if (left === 0) break;
      if (near.writableNeedDrain) continue;
      const chunk = (far.read(Math.min(left, far.readableLength)) ?? Buffer.alloc(0)) as Buffer;
      bytes += chunk.length;
      left -= chunk.length;
      if (chunk.length > 0) near.write(chunk);
    }
  }, TICK_MS);
  const cut = () => {
    for (const { near, far } of pairs) {
      near.destroy();
      far.destroy();
    }
  };
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    leadTo(url) {
      port = Number(new URL(url).port);
    },
    get bytes() {
      return bytes;
    },
    setRate,
    cut,
    async close() {
      clearInterval(timer);
      cut();
      server.close();
      await once(server, "close");
    },
  };
}
