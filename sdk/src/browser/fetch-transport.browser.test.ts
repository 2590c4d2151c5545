import { expect, test } from "vitest";
import type { BodyReader, ByteRequest } from "../rpc/byte-transport.ts";
import { fetchByteTransport } from "./fetch-transport.ts";

// The server of these pages gives these answers (scripts/browser-test-server.ts).
function request(answer: string, more: Partial<ByteRequest> = {}): ByteRequest {
  const url = new URL(`/answers/${answer}`, location.href).href;
  return { url, method: "GET", headers: {}, signal: new AbortController().signal, ...more };
}

/** A reader that keeps what comes; `onBytes` after each part, `isDone` as it says. */
function createKeeper(onBytes: () => boolean = () => false): BodyReader & { readonly bytes: number[] } {
  const bytes: number[] = [];
  let isDone = false;
  return {
    bytes,
    direct: () => undefined,
    filled: () => {},
    take(chunk) {
      // Copied: the memory of a chunk is used again.
      for (const byte of chunk) bytes.push(byte);
      isDone = onBytes();
      return chunk.length;
    },
    whenRoom: async () => {},
    get isDone() {
      return isDone;
    },
    end() {},
  };
}

test("fetchByteTransport() sends the body and gives back what comes, headers by name", async () => {
  const body = Uint8Array.from({ length: 1000 }, (_, index) => index & 0xff);
  const response = await fetchByteTransport(
    request("echo", { method: "POST", headers: { "content-type": "application/grpc-web+proto" }, body }),
  );
  expect(response.status).toBe(200);
  const seen = JSON.parse(response.header("x-seen") ?? "") as {
    method: string;
    headers: Record<string, string>;
  };
  expect(seen.method).toBe("POST");
  expect(seen.headers).toMatchObject({ "content-type": "application/grpc-web+proto" });
  // Asked not to keep the answer, browsers don't keep the permission to send either.
  expect(seen.headers).not.toHaveProperty("cache-control");
  expect(seen.headers).not.toHaveProperty("referer");
  expect(seen.headers).not.toHaveProperty("cookie");
  expect(response.header("x-missing")).toBeUndefined();
  const keeper = createKeeper();
  await response.read(keeper);
  expect(keeper.bytes).toEqual([...body]);
});

test.each([
  { kind: "bytes", dataOf: (bytes: Uint8Array<ArrayBuffer>) => bytes },
  { kind: "a part of a file", dataOf: (bytes: Uint8Array<ArrayBuffer>) => new Blob([bytes]) },
])("fetchByteTransport() sends $kind behind its message", async ({ dataOf }) => {
  const whole = Uint8Array.from({ length: 1000 }, (_, index) => index & 0xff);
  const response = await fetchByteTransport(
    request("echo", {
      method: "POST",
      headers: { "content-type": "application/proto" },
      body: whole.slice(0, 10),
      fileData: dataOf(whole.slice(10)),
    }),
  );
  const { headers } = JSON.parse(response.header("x-seen") ?? "") as { headers: Record<string, string> };
  // A length: a peer doesn't take what comes without one into memory that is used again.
  expect(headers).toMatchObject({ "content-type": "application/proto", "content-length": "1000" });
  const keeper = createKeeper();
  await response.read(keeper);
  expect(keeper.bytes).toEqual([...whole]);
});

test("fetchByteTransport() gives a status that isn't 200 as it is", async () => {
  const response = await fetchByteTransport(request("error"));
  expect([response.status, response.header("retry-after")]).toEqual([503, "7"]);
  await response.cancel();
});

test("fetchByteTransport() keeps no answer to a GET", async () => {
  const response = await fetchByteTransport(request("echo"));
  const { headers } = JSON.parse(response.header("x-seen") ?? "") as { headers: Record<string, string> };
  expect(headers).toMatchObject({ "cache-control": "no-cache" });
  await response.cancel();
});

test("fetchByteTransport() follows no redirect", async () => {
  await expect(fetchByteTransport(request("redirect"))).rejects.toMatchObject({ code: "unreachable" });
});

test("fetchByteTransport() says unreachable when the body breaks off", async () => {
  const response = await fetchByteTransport(request("cut"));
  await expect(response.read(createKeeper())).rejects.toMatchObject({ code: "unreachable" });
});

test("fetchByteTransport() says aborted, before and while the body comes", async () => {
  await expect(fetchByteTransport(request("endless", { signal: AbortSignal.abort() }))).rejects.toMatchObject(
    {
      code: "aborted",
    },
  );
  const controller = new AbortController();
  const response = await fetchByteTransport(request("endless", { signal: controller.signal }));
  const stopping = createKeeper(() => {
    controller.abort();
    return false;
  });
  await expect(response.read(stopping)).rejects.toMatchObject({ code: "aborted" });
  await expectNoneOpen();
});

test("fetchByteTransport() ends the request when nothing more is wanted, and when it is cancelled unread", async () => {
  const left = await fetchByteTransport(request("endless"));
  const satisfied = createKeeper(() => true);
  await left.read(satisfied);
  expect(satisfied.bytes.length).toBeGreaterThan(0);
  const unread = await fetchByteTransport(request("endless"));
  await unread.cancel();
  await expectNoneOpen();
});

async function expectNoneOpen(): Promise<void> {
  await expect.poll(async () => (await fetch("/answers/endless-count")).text()).toBe("0");
}
