import { type Socket, connect } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { type Delays, countDelay, createDelays } from "./delays.ts";
import { requestHead } from "./request-head.ts";
import { machineNowUs, takeTimes } from "./sent-time.ts";

/** Opens streams of events, which stay open. */
export interface ListenJob {
  readonly type: "listen";
  readonly port: number;
  readonly listeners: number;
}

/** Waits until each listener has heard of so many changes more, and gives how late they were. */
export interface ListenedJob {
  readonly type: "listened";
  readonly changes: number;
}

/** Sockets on their way at the same time, so that no queue of the system's overflows. */
const OPENED_AT_ONCE = 100;
const LOOK_AGAIN_MS = 50;
/** Nothing came for so long: the rest won't. */
const PATIENCE_MS = 20_000;

export function createListening() {
  const sockets: Socket[] = [];
  let delays = createDelays();
  let heard = 0;
  let lost: string | undefined;

  function open(port: number): Promise<void> {
    return new Promise((resolve, reject) => {
      const socket = connect({ port, host: "127.0.0.1" });
      sockets.push(socket);
      let head: string | undefined = "";
      let rest: Buffer | undefined;
      socket.write(requestHead({ method: "GET", path: "/api/v1/events", port }));
      const fail = (why: string) => {
        lost ??= why;
        reject(new Error(why));
      };
      socket.on("error", (error) => fail(error.message));
      socket.on("close", () => fail("the tracker ended a stream of events"));
      socket.on("data", (chunk: Buffer) => {
        if (head !== undefined) {
          head += chunk.toString("latin1");
          if (!head.startsWith("HTTP/1.1 200 ".slice(0, head.length))) fail(head.slice(0, 200));
          // The first thing on each stream.
          if (!head.includes(": hello")) return;
          head = undefined;
          resolve();
          return;
        }
        const nowUs = machineNowUs();
        if (chunk.includes("event: resync")) lost ??= "a listener was told that it had lost events";
        rest = takeTimes(rest === undefined ? chunk : Buffer.concat([rest, chunk]), (timeUs) => {
          heard++;
          countDelay(delays, (nowUs - timeUs) / 1000);
        });
      });
    });
  }

  return {
    async listen({ port, listeners }: ListenJob): Promise<{ listeners: number }> {
      for (let opened = 0; opened < listeners; opened += OPENED_AT_ONCE) {
        const count = Math.min(OPENED_AT_ONCE, listeners - opened);
        await Promise.all(Array.from({ length: count }, () => open(port)));
      }
      return { listeners };
    },

    async listened({ changes }: ListenedJob): Promise<Delays> {
      const expected = changes * sockets.length;
      let [before, sinceMs] = [heard, performance.now()];
      for (;;) {
        if (lost !== undefined) throw new Error(lost);
        if (heard > expected) throw new Error("events came twice");
        if (heard === expected) break;
        if (heard > before) [before, sinceMs] = [heard, performance.now()];
        else if (performance.now() - sinceMs > PATIENCE_MS) lost = `${heard} of ${expected} events came`;
        await sleep(LOOK_AGAIN_MS);
      }
      const result = delays;
      delays = createDelays();
      heard = 0;
      return result;
    },
  };
}
