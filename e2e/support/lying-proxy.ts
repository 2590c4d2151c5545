import { once } from "node:events";
import { createServer, request } from "node:http";
import type { AddressInfo } from "node:net";

const MIB = 1024 * 1024;
/** One piece in fifty. */
const LIE_EVERY_BYTES = 50 * MIB;
/** Behind the first message's header, before the end of any first message. */
const FIRST_LIE_AT = 5000;

export interface LyingProxy {
  readonly url: string;
  /** Bits flipped so far. */
  readonly lies: number;
  /** To be called once the peer behind it is there. */
  standInFor(url: string): void;
  close(): Promise<void>;
}

/** Stands in front of a peer and flips one bit in so many bytes of the file data that go through it. */
export async function startLyingProxy({ everyBytes = LIE_EVERY_BYTES } = {}): Promise<LyingProxy> {
  let target = "";
  let sentBytes = 0;
  let lies = 0;
  const server = createServer((incoming, outgoing) => {
    const isFileData = incoming.url?.endsWith("/DownloadFile") === true;
    const options = { method: incoming.method, headers: { ...incoming.headers, host: new URL(target).host } };
    const forwarded = request(new URL(incoming.url ?? "/", target), options, (answer) => {
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
      if (!isFileData || incoming.method !== "POST") return void answer.pipe(outgoing);
      answer.on("data", (chunk: Buffer) => {
        const next = FIRST_LIE_AT + lies * everyBytes - sentBytes;
        if (next >= 0 && next < chunk.length) {
          chunk[next]! ^= 0x10;
          lies++;
        }
        sentBytes += chunk.length;
        if (!outgoing.write(chunk)) {
          answer.pause();
          outgoing.once("drain", () => answer.resume());
        }
      });
      answer.on("end", () => outgoing.end());
      answer.on("error", () => outgoing.destroy());
    });
    forwarded.on("error", () => outgoing.destroy());
    outgoing.on("close", () => forwarded.destroy());
    incoming.pipe(forwarded);
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    get lies() {
      return lies;
    },
    standInFor(url) {
      target = url;
    },
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}
