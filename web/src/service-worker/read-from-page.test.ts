import { fileIdOf } from "@panal/sdk/content";
import { expect, it } from "vitest";
import type { ReadAnswer, ReadRequest } from "../engine/engine-api.ts";
import { type Pages, readFromPage } from "./read-from-page.ts";

const fileId = fileIdOf(new Uint8Array(32).fill(3), 100);
const target = { fileId, name: "a.webm" };
const range = { start: 10, end: 20 };
const signal = new AbortController().signal;

/** A page that answers each read, once it comes, as it is told. */
function page(answer: (request: ReadRequest, port: MessagePort) => void) {
  return {
    postMessage: (request: ReadRequest, [port]: Transferable[]) => answer(request, port as MessagePort),
  };
}
const say = (port: MessagePort, answer: ReadAnswer) => port.postMessage(answer);
const pagesOf = (all: Record<string, ReturnType<typeof page>>): Pages => ({
  get: async (id) => all[id],
  matchAll: async () => Object.values(all),
});

it("readFromPage() asks the page that asks, and gives its bytes", async () => {
  const one = page((request, port) => {
    expect(request).toEqual({ type: "read", ...target, ...range });
    say(port, { type: "bytes", bytes: new Uint8Array([1, 2]) });
  });
  const other = page(() => expect.unreachable("the other page was asked"));
  const read = readFromPage(target, { pages: pagesOf({ other, one }), clientId: "one" });
  expect(await read(range, signal)).toEqual(new Uint8Array([1, 2]));
});

it("readFromPage() asks any page when the one that asks isn't known", async () => {
  const one = page((_request, port) => say(port, { type: "bytes", bytes: new Uint8Array([7]) }));
  const read = readFromPage(target, { pages: pagesOf({ one }), clientId: "" });
  expect(await read(range, signal)).toEqual(new Uint8Array([7]));
});

it("readFromPage() says so when no page is open, and when the page can't read it", async () => {
  const none = readFromPage(target, { pages: pagesOf({}), clientId: "x" });
  await expect(none(range, signal)).rejects.toMatchObject({ code: "unreachable" });
  const one = page((_request, port) => say(port, { type: "failed", code: "conflict", message: "elsewhere" }));
  const failing = readFromPage(target, { pages: pagesOf({ one }), clientId: "one" });
  await expect(failing(range, signal)).rejects.toMatchObject({ code: "conflict", message: "elsewhere" });
});

it("readFromPage() tells the page when nobody waits any more", async () => {
  const told = Promise.withResolvers<void>();
  const asked = Promise.withResolvers<void>();
  const one = page((_request, port) => {
    port.addEventListener("message", () => told.resolve());
    port.start();
    asked.resolve();
  });
  const stop = new AbortController();
  const reading = readFromPage(target, { pages: pagesOf({ one }), clientId: "one" })(range, stop.signal);
  const failed = expect(reading).rejects.toMatchObject({ code: "aborted" });
  await asked.promise;
  stop.abort();
  await failed;
  await told.promise;
});
