// A TCP relay to a port of this machine that is as far away as it is told:
//   delaying-server.ts PORT ROUND_TRIP_MS BYTES_PER_SECOND
// What goes through arrives half a round trip later, however much of it is on its way; a connection's first bytes also
// wait for the handshake. What comes back keeps to the rate, all connections together.
import { once } from "node:events";
import { type AddressInfo, type Socket, connect, createServer } from "node:net";
import { setTimeout as wait } from "node:timers/promises";

/** On its way in one connection and direction at most: the largest window Linux gives a receiver by default. */
const MAX_UNDER_WAY_BYTES = 6 * 1024 * 1024;

const [port = 0, roundTripMs = 0, bytesPerSecond = 0] = process.argv.slice(2).map(Number);
/** When the path back is free again. */
let isFreeAtMs = 0;

function arrivalMs(bytes: number, isBack: boolean): number {
  const nowMs = performance.now();
  if (!isBack) return nowMs + roundTripMs / 2;
  isFreeAtMs = Math.max(nowMs, isFreeAtMs) + (bytes / bytesPerSecond) * 1000;
  return isFreeAtMs + roundTripMs / 2;
}

async function relay(from: Socket, to: Socket, isBack: boolean): Promise<void> {
  const underWay: { chunk: Buffer; atMs: number }[] = [];
  let bytesUnderWay = 0;
  let hasEnded = false;
  let wake = Promise.withResolvers<void>();
  from.on("data", (chunk: Buffer) => {
    underWay.push({ chunk, atMs: arrivalMs(chunk.length, isBack) });
    bytesUnderWay += chunk.length;
    if (bytesUnderWay > MAX_UNDER_WAY_BYTES) from.pause();
    wake.resolve();
  });
  from.on("end", () => {
    hasEnded = true;
    wake.resolve();
  });
  if (!isBack) await wait(roundTripMs);
  while (!to.destroyed) {
    const next = underWay.shift();
    if (next === undefined) {
      if (hasEnded) return void to.end();
      wake = Promise.withResolvers();
      await wake.promise;
      continue;
    }
    const earlyMs = next.atMs - performance.now();
    if (earlyMs >= 1) await wait(earlyMs);
    bytesUnderWay -= next.chunk.length;
    if (bytesUnderWay <= MAX_UNDER_WAY_BYTES) from.resume();
    if (!to.write(next.chunk)) await drained(to);
  }
}

/** Or gone. */
async function drained(socket: Socket): Promise<void> {
  const waiting = new AbortController();
  const { signal } = waiting;
  await Promise.race(["drain", "close"].map((event) => once(socket, event, { signal }).catch(() => {})));
  waiting.abort();
}

const server = createServer({ allowHalfOpen: true, noDelay: true }, (near) => {
  const far = connect({ port, host: "127.0.0.1", allowHalfOpen: true, noDelay: true });
  const end = () => {
    near.destroy();
    far.destroy();
  };
  for (const socket of [near, far]) socket.on("error", end).on("close", end);
  void relay(near, far, false);
  void relay(far, near, true);
});
server.listen(0, "127.0.0.1", () => {
  console.log(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
});
