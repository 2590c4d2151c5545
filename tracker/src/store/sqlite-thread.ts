import { flushCompileCache } from "node:module";
import { parentPort } from "node:worker_threads";
import { PanalError } from "@panal/sdk/thread";
import { InvalidFieldsError } from "../invalid-fields.ts";
import { type StoreParts, createParts } from "./sqlite-parts.ts";
import { type Database, openDatabase } from "./sqlite-schema.ts";
import type { ThreadReply, ThreadRequest } from "./thread-calls.ts";

// A thread of a store, with connections of its own. Calls run side by side: each gives way to others between two slices of
// its work.

const port = parentPort!;
const stores = new Map<number, { db: Database; parts: StoreParts }>();
/** Long lists come in pieces before the call they are for. */
const pieces = new Map<number, unknown[]>();

async function answer(request: ThreadRequest): Promise<void> {
  const { id } = request;
  if (request.type === "piece") {
    const known = pieces.get(id);
    if (known === undefined) pieces.set(id, request.items);
    else known.push(...request.items);
    return;
  }
  const reply = await work(request).then(
    (result): ThreadReply => ({ id, result }),
    (thrown: unknown): ThreadReply => {
      const { code, message, stack } = PanalError.from(thrown);
      const fields = thrown instanceof InvalidFieldsError ? thrown.fields : undefined;
      return { id, error: { code, message, fields, stack } };
    },
  );
  port.postMessage(reply);
}

async function work(request: Exclude<ThreadRequest, { type: "piece" }>): Promise<unknown> {
  const { id, store } = request;
  switch (request.type) {
    case "open": {
      const db = openDatabase(request.path, { cacheKib: request.cacheKib });
      stores.set(store, { db, parts: createParts(db) });
      // Now: a thread that is ended with its process leaves nothing behind.
      flushCompileCache();
      return undefined;
    }
    case "close":
      stores.get(store)?.db.close();
      stores.delete(store);
      return undefined;
    case "call": {
      const { part, method, args, held } = request;
      const files = pieces.get(id);
      pieces.delete(id);
      const { db, parts } = stores.get(store)!;
      // Whatever isn't part of a group is done when it is answered.
      if (method !== "stage" && method !== "patch") db.group.settle();
      const target = parts[part] as unknown as Record<string, (...args: unknown[]) => Promise<unknown>>;
      const whole = held === undefined ? args : [{ ...(args[0] as object), [held]: files ?? [] }];
      return target[method]!(...whole);
    }
  }
}

port.on("message", (request: ThreadRequest) => void answer(request));
