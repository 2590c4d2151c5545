import { type Manifest, PanalError, manifestOfSinglePiece, parseFileId } from "@panal/sdk";
import { createVirtualClock } from "@panal/sdk/testing";
import { expect, it } from "vitest";
import type { StampedFile } from "./file-stamp.ts";
import { type HashQueue, createHashQueue } from "./hash-queue.ts";

const MANIFEST = manifestOfSinglePiece(parseFileId(`${"ab".repeat(32)}-5`))!;
const stampOf = (size: number, mtimeNs = 0n) => ({ size, mtimeNs, ino: 1n, dev: 1n });

/** A queue over a hasher that takes small files and answers when it is told to. */
function stage() {
  const batches: { paths: string[]; answer: (results: (Manifest | PanalError)[]) => void }[] = [];
  const log: string[] = [];
  const queue: HashQueue = createHashQueue({
    root: "/nowhere",
    clock: createVirtualClock(),
    now: () => 1_700_000_000_000,
    hasher: {
      parallelFiles: 1,
      hash: () => Promise.reject(new Error("only small files here")),
      hashSmall(files: readonly StampedFile[]) {
        const { promise, resolve } = Promise.withResolvers<(Manifest | PanalError)[]>();
        batches.push({ paths: files.map(({ path }) => path), answer: resolve });
        return promise;
      },
      close: async () => {},
    },
    onHashed: (path) => log.push(`+${path}`),
    onFailed: (path, { code }) => log.push(`${code} ${path}`),
  });
  /** Settles when the next one was asked for, or the queue is empty. */
  async function answerLast(result: (path: string) => Manifest | PanalError = () => MANIFEST): Promise<void> {
    const { paths, answer } = batches.at(-1)!;
    answer(paths.map(result));
    const asked = batches.length;
    for (let turns = 0; turns < 20 && batches.length === asked && !queue.isEmpty; turns++)
      await Promise.resolve();
  }
  return { queue, batches, log, answerLast };
}

it("createHashQueue() gives small files to the hasher together, as many as are ready, up to 200", async () => {
  const { queue, batches, log, answerLast } = stage();
  for (let index = 0; index < 250; index++) queue.add(`f${index}`, stampOf(5));
  expect(queue.progress).toEqual({ filesDone: 0, filesTotal: 250, bytesDone: 0, bytesTotal: 1250 });
  // The first was all there was when it came.
  await answerLast();
  expect(queue.progress).toMatchObject({ filesDone: 1, bytesDone: 5 });
  await answerLast();
  await answerLast();
  expect(batches.map(({ paths }) => paths.length)).toEqual([1, 200, 49]);
  expect(log).toEqual(Array.from({ length: 250 }, (_, index) => `+f${index}`));
  expect(queue.isEmpty).toBe(true);
});

it("createHashQueue() gives no more bytes at a time than a task should take", async () => {
  const { queue, batches, answerLast } = stage();
  for (let index = 0; index < 11; index++) queue.add(`f${index}`, stampOf(1024 * 1024));
  while (!queue.isEmpty) await answerLast();
  expect(batches.map(({ paths }) => paths.length)).toEqual([1, 8, 2]);
});

it("createHashQueue() forgets what was dropped or has changed while its batch was hashed, and fails each alone", async () => {
  const { queue, batches, log, answerLast } = stage();
  for (const path of ["first", "stays", "dropped", "changes", "fails", "never"]) queue.add(path, stampOf(5));
  queue.drop("never");
  await answerLast();
  queue.drop("dropped");
  queue.add("changes", stampOf(6, 1n));
  await answerLast((path) => (path === "fails" ? new PanalError("changed", "another one") : MANIFEST));
  await answerLast();
  expect(batches.map(({ paths }) => paths)).toEqual([
    ["first"],
    ["stays", "dropped", "changes", "fails"],
    ["changes"],
  ]);
  expect(log).toEqual(["+first", "+stays", "changed fails", "+changes"]);
  expect(queue.isEmpty).toBe(true);
});

it("createHashQueue() fails all of a batch that the hasher fails", async () => {
  const { queue, batches, log, answerLast } = stage();
  for (const path of ["a", "b", "c"]) queue.add(path, stampOf(5));
  await answerLast();
  batches.at(-1)!.answer(Promise.reject(new PanalError("no-permission", "no")) as never);
  await queue.whenEmpty();
  expect(log).toEqual(["+a", "no-permission b", "no-permission c"]);
});
