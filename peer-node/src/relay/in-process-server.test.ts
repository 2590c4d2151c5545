import { once } from "node:events";
import type { RequestListener } from "node:http";
import { buffer } from "node:stream/consumers";
import { afterEach, describe, expect, test } from "vitest";
import type { RelayedRequest } from "@panal/sdk";
import { clientOf } from "@panal/sdk/node";
import { type InProcessServer, createInProcessServer } from "./in-process-server.ts";

let server: InProcessServer | undefined;
afterEach(() => server?.close());

function ask(handler: RequestListener, request: Partial<RelayedRequest> = {}) {
  server = createInProcessServer(handler);
  return server.answer({
    method: "GET",
    path: "/",
    headers: {},
    client: undefined,
    body: undefined,
    signal: new AbortController().signal,
    ...request,
  });
}

async function whole(body: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of body) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks);
}

describe("createInProcessServer()", () => {
  test("gives what the handler answers, without what is said of the connection", async () => {
    const answer = await ask(
      (request, response) => {
        response.writeHead(206, { "content-length": 3, etag: '"x"' }).end(request.url?.slice(1));
      },
      { path: "/abc", headers: { range: "bytes=0-2" } },
    );
    expect(answer).toMatchObject({ status: 206, headers: { "content-length": "3", etag: '"x"' } });
    expect(Object.keys(answer.headers).sort()).toEqual(["content-length", "etag"]);
    expect((await whole(answer.body)).toString()).toBe("abc");
  });

  test("tells clients apart by what the relay says of them, and by nothing they say", async () => {
    const { promise, resolve } = Promise.withResolvers<string | undefined>();
    const handler: RequestListener = ({ socket }, response) => {
      resolve(clientOf(socket.remoteAddress));
      response.end();
    };
    await ask(handler, { client: "k3y", headers: { "panal-client": "me", "x-forwarded-for": "10.0.0.1" } });
    expect(await promise).toBe("relayed k3y");
  });

  test("hands the request's body on", async () => {
    async function* body() {
      yield Buffer.from("ho");
      yield Buffer.from("ney");
    }
    const answer = await ask(
      (request, response) => {
        void buffer(request).then((bytes) => response.end(bytes));
      },
      { method: "POST", body: body() },
    );
    expect((await whole(answer.body)).toString()).toBe("honey");
  });

  test("lets the handler use its memory again when a write is over", async () => {
    const answer = await ask((_, response) => {
      const block = Buffer.alloc(64 * 1024);
      let left = 40;
      const next = (): void => {
        if (left-- === 0) return void response.end();
        block.fill(left);
        response.write(block, next);
      };
      next();
    });
    const bytes = await whole(answer.body);
    expect(bytes).toHaveLength(40 * 64 * 1024);
    for (let at = 0; at < 40; at++) {
      expect(bytes.subarray(at * 65_536, (at + 1) * 65_536).every((byte) => byte === 39 - at)).toBe(true);
    }
  });

  test("holds the handler back while nobody reads", async () => {
    let written = 0;
    const answer = await ask((_, response) => {
      const next = (): void => {
        written += 65_536;
        response.write(Buffer.alloc(65_536), next);
      };
      next();
    });
    const iterator = answer.body[Symbol.asyncIterator]();
    await iterator.next();
    for (let turn = 0; turn < 100; turn++) await new Promise((resolve) => setImmediate(resolve));
    expect(written).toBeLessThan(2 * 1024 * 1024);
    await iterator.return?.();
  });

  test("tells the handler that the client has gone, and the reader that the handler broke off", async () => {
    const gone = Promise.withResolvers<void>();
    const answer = await ask((_, response) => {
      response.on("close", gone.resolve);
      response.write("a");
    });
    for await (const _ of answer.body) break;
    await gone.promise;

    const cut = await ask((_, response) => {
      response.writeHead(200, { "content-length": 10 });
      response.write("a", () => response.destroy());
    });
    await expect(whole(cut.body)).rejects.toThrow();
  });

  test("rejects when there is no answer, or the signal fired", async () => {
    await expect(ask((_, response) => response.destroy())).rejects.toThrow();
    const stopped = new AbortController();
    const asked = ask((request) => void once(request, "close"), { signal: stopped.signal });
    stopped.abort();
    await expect(asked).rejects.toThrow();
  });
});
