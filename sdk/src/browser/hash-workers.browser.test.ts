import { expect, test } from "vitest";
import { BLOCK_LENGTH } from "../content/blocks.ts";
import { hashBlocksPortably } from "../content/merkle.ts";
import { createSampleFile } from "../transfer/testing/sample-file.ts";
import { browserHashBlocks, createHashWorkers, workerCount } from "./hash-workers.ts";

const MIB = 1024 * 1024;

/** Starts the real script, and counts. */
function counted() {
  const started: Worker[] = [];
  const start = () => {
    const worker = new Worker(new URL("./hash.worker.ts", import.meta.url), { type: "module" });
    started.push(worker);
    return worker;
  };
  return { started, start };
}

test.each([0, 1, BLOCK_LENGTH + 1, 2 * MIB, 3 * MIB + 77])(
  "createHashWorkers() hash %i bytes as everybody else does",
  async (length) => {
    const { content } = await createSampleFile(length);
    // From the middle of a larger buffer, as the engine's pieces are; and the piece stays as it was.
    const view = new Uint8Array(length + 16).subarray(3, 3 + length);
    view.set(content);
    const workers = createHashWorkers({ count: 2 });
    expect(await workers.hashBlocks(view)).toEqual(await hashBlocksPortably(content));
    expect(view).toEqual(content);
    workers.close();
  },
);

test("createHashWorkers() hash several pieces at once, with no more workers than they may have", async () => {
  const { start, started } = counted();
  const workers = createHashWorkers({ count: 3, start });
  const pieces = await Promise.all([1, 2, 3, 4].map((seed) => createSampleFile(2 * MIB, seed)));
  const hashes = await Promise.all(pieces.map(async ({ content }) => workers.hashBlocks(content)));
  expect(hashes).toEqual(await Promise.all(pieces.map(async ({ content }) => hashBlocksPortably(content))));
  expect(started).toHaveLength(3);
  workers.close();
});

test("createHashWorkers() end the workers nobody needs, and start them again", async () => {
  const { start, started } = counted();
  const ended = Promise.withResolvers<void>();
  const workers = createHashWorkers({
    count: 1,
    idleMs: 1,
    start() {
      const worker = start();
      const terminate = worker.terminate.bind(worker);
      worker.terminate = () => {
        terminate();
        ended.resolve();
      };
      return worker;
    },
  });
  const { content } = await createSampleFile(MIB);
  const expected = await hashBlocksPortably(content);
  expect(await workers.hashBlocks(content)).toEqual(expected);
  await ended.promise;
  expect(await workers.hashBlocks(content)).toEqual(expected);
  expect(started).toHaveLength(2);
  workers.close();
});

test("createHashWorkers() hash here when no worker may be started", async () => {
  let tries = 0;
  const workers = createHashWorkers({
    start() {
      tries++;
      throw new TypeError("This document requires 'TrustedScriptURL' assignment.");
    },
  });
  const { content } = await createSampleFile(2 * MIB);
  expect(await workers.hashBlocks(content)).toEqual(await hashBlocksPortably(content));
  expect(tries).toBe(1);
});

test("createHashWorkers() hash here when the script of the workers doesn't come or fails", async () => {
  const { content } = await createSampleFile(5 * MIB);
  const expected = await hashBlocksPortably(content);
  for (const script of ["/answers/error", "data:text/javascript,throw new Error('no')"]) {
    const workers = createHashWorkers({ count: 2, start: () => new Worker(script, { type: "module" }) });
    expect(await workers.hashBlocks(content)).toEqual(expected);
  }
});

test("browserHashBlocks() hashes pieces at once", async () => {
  const pieces = await Promise.all([1, 2, 3].map((seed) => createSampleFile(MIB, seed)));
  const hashes = await Promise.all(pieces.map(async ({ content }) => browserHashBlocks(content)));
  expect(hashes).toEqual(await Promise.all(pieces.map(async ({ content }) => hashBlocksPortably(content))));
});

test("workerCount() is that of the cores, from two to four", () => {
  expect([1, 2, 3, 64].map(workerCount)).toEqual([2, 2, 3, 4]);
});
