import { once } from "node:events";
import { type IncomingMessage, type ServerResponse, createServer, request } from "node:http";
import type { AddressInfo } from "node:net";
import { buffer } from "node:stream/consumers";

/** A load balancer of the simplest kind. */
export interface RoundRobin {
  readonly url: string;
  close(): Promise<void>;
}

/** Gives each request to the next of those that are there. What breaks off in the middle breaks off for the client. */
export async function openRoundRobin(backends: () => readonly string[]): Promise<RoundRobin> {
  let turn = 0;

  async function pass(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const body = await buffer(incoming);
    const urls = backends();
    for (let tries = 0; tries < urls.length; tries++) {
      const backend = urls[turn++ % urls.length]!;
      const { method, headers, url } = incoming;
      const sent = request(`${backend}${url}`, { method, headers, agent: false });
      outgoing.once("close", () => sent.destroy());
      sent.end(body);
      try {
        const [answer] = (await once(sent, "response")) as [IncomingMessage];
        outgoing.writeHead(answer.statusCode!, answer.headers);
        outgoing.flushHeaders();
        answer.on("error", () => outgoing.destroy());
        answer.pipe(outgoing);
        return;
      } catch (error) {
        const isNobodyThere = error instanceof Error && "code" in error && error.code === "ECONNREFUSED";
        if (!isNobodyThere) break;
      }
    }
    outgoing.destroy();
  }

  const server = createServer((incoming, outgoing) => {
    pass(incoming, outgoing).catch(() => outgoing.destroy());
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}
