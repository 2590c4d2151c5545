import type { Manifest } from "../../content/manifest.ts";
import { PieceSet } from "../../content/piece-set.ts";
import { PanalError, type PanalErrorCode } from "../../errors.ts";
import type { ReadableStore } from "../../transfer/store.ts";

/** What goes to `store-worker.ts`, and what comes back. */
export type StoreCall = { id: number } & StoreMethod;
type StoreMethod =
  | { method: "open"; manifest: Manifest; isAborted: boolean }
  | { method: "write"; pieceIndex: number; data: Uint8Array }
  | { method: "read"; start: number; end: number }
  | { method: "complete" | "close" };
export type StoreAnswer =
  | { id: number; value: unknown }
  | { id: number; error: { code: PanalErrorCode; message: string } };

/** An OPFS store in a worker of its own. `terminate` ends it as a crash would, in the middle of whatever it does. */
export function createWorkerStore(): ReadableStore & { terminate(): void } {
  const worker = new Worker(new URL("./store-worker.ts", import.meta.url), { type: "module" });
  const waiting = new Map<number, PromiseWithResolvers<unknown>>();
  let nextId = 0;

  worker.addEventListener("message", ({ data }: MessageEvent<StoreAnswer>) => {
    const call = waiting.get(data.id);
    waiting.delete(data.id);
    if ("error" in data) call?.reject(new PanalError(data.error.code, data.error.message));
    else call?.resolve(data.value);
  });
  worker.addEventListener("error", (event) => {
    for (const call of waiting.values())
      call.reject(new Error(`the store's worker failed: ${event.message}`));
  });

  function call(method: StoreMethod): Promise<unknown> {
    const id = nextId++;
    const pending = Promise.withResolvers<unknown>();
    waiting.set(id, pending);
    worker.postMessage({ id, ...method } satisfies StoreCall);
    return pending.promise;
  }

  return {
    async open(manifest, { signal }) {
      const bitmap = await call({ method: "open", manifest, isAborted: signal.aborted });
      return PieceSet.fromBitmap(bitmap as Uint8Array, manifest.pieceCount);
    },
    async write(pieceIndex, data) {
      await call({ method: "write", pieceIndex, data });
    },
    async read({ start, end }) {
      return (await call({ method: "read", start, end })) as Uint8Array<ArrayBuffer>;
    },
    async complete() {
      await call({ method: "complete" });
    },
    async close() {
      await call({ method: "close" });
    },
    terminate: () => worker.terminate(),
  };
}
