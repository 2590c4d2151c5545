import { PanalError } from "../../errors.ts";
import type { ReadableStore } from "../../transfer/store.ts";
import { createOpfsStore } from "../opfs-store.ts";
import type { StoreAnswer, StoreCall } from "./worker-store.ts";

/** An OPFS store in the only place where there can be one; `worker-store.ts` is its other end. */
let store: ReadableStore | undefined;

async function answer(call: StoreCall): Promise<unknown> {
  if (call.method === "open") {
    if (call.isAborted) throw new PanalError("aborted", "stopped");
    store = createOpfsStore({ fileId: call.manifest.fileId, name: "sample.bin" });
    const have = await store.open(call.manifest, { signal: new AbortController().signal });
    return have.toBitmap();
  }
  if (store === undefined) {
    if (call.method === "close") return undefined;
    throw new PanalError("internal", "the store is not open");
  }
  switch (call.method) {
    case "write":
      return store.write(call.pieceIndex, call.data);
    case "read":
      return store.read(call);
    default:
      return store[call.method]();
  }
}

addEventListener("message", ({ data: call }: MessageEvent<StoreCall>) => {
  const reply = (message: StoreAnswer) => postMessage(message);
  answer(call).then(
    (value) => reply({ id: call.id, value }),
    (error: unknown) => {
      const { code, message } = PanalError.from(error);
      reply({ id: call.id, error: { code, message } });
    },
  );
});
