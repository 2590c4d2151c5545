import { once } from "node:events";
import { createServer, request } from "node:http";
import type { AddressInfo } from "node:net";

export interface WebSeedProxy {
  readonly url: string;
  /** Settles when file data has been asked of it. */
  readonly asked: Promise<void>;
  /** Settles when it has given some, or its client would take no more of it. */
  readonly answered: Promise<void>;
  close(): Promise<void>;
}

interface WebSeedProxyOptions {
  /** The peer behind it. */
  readonly target: string;
  /** What it waits for before it gives file data. */
  readonly after?: Promise<unknown>;
  /** Flips a bit in all it gives. */
  readonly isLying?: boolean;
}

/** Stands in front of a peer's /files door, and knows when it is asked. */
export async function startWebSeedProxy(options: WebSeedProxyOptions): Promise<WebSeedProxy> {
  const { target, after, isLying = false } = options;
  const asked = Promise.withResolvers<void>();
  const answered = Promise.withResolvers<void>();
  const server = createServer((incoming, outgoing) => {
    const isFileData = incoming.method === "GET" && incoming.url?.startsWith("/files/") === true;
    const headers = { ...incoming.headers, host: new URL(target).host };
    const forward = () => {
      const forwarded = request(new URL(incoming.url ?? "/", target), { method: incoming.method, headers });
      forwarded.on("error", () => outgoing.destroy());
      outgoing.on("close", () => forwarded.destroy());
      forwarded.on("response", (answer) => {
        outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
        if (isLying && isFileData) answer.on("data", (chunk: Buffer) => (chunk[0]! ^= 1));
        answer.pipe(outgoing);
      });
      incoming.pipe(forwarded);
    };
    if (isFileData) {
      asked.resolve();
      outgoing.once("close", () => answered.resolve());
    }
    if (isFileData && after !== undefined) void after.then(forward);
    else forward();
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked: asked.promise,
    answered: answered.promise,
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}
