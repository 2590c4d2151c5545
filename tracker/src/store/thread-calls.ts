import { once } from "node:events";
import { setImmediate } from "node:timers/promises";
import { Worker } from "node:worker_threads";
import { PanalError, type PanalErrorCode } from "@panal/sdk";
import { threadScript } from "@panal/sdk/node";
import { InvalidFieldsError } from "../invalid-fields.ts";
import type { StoreParts } from "./sqlite-parts.ts";

/** Items of a list that are copied for a thread in one go: two milliseconds. */
const PIECE_ITEMS = 1_000;

/** MiB of short-lived objects before they are cleared away; the default grows to several times that. */
const YOUNG_GENERATION_MB = 16;

/** `id` is that of the call, `store` one of those that are open in the thread. */
export type ThreadRequest = { readonly id: number; readonly store: number } & (
  | { readonly type: "open"; readonly path: string; readonly cacheKib: number }
  | {
      readonly type: "call";
      readonly part: keyof StoreParts;
      readonly method: string;
      readonly args: readonly unknown[];
      /** The argument's field whose items came in pieces. */
      readonly held?: string | undefined;
    }
  | { readonly type: "piece"; readonly items: unknown[] }
  | { readonly type: "close" }
);

export type ThreadReply =
  | { readonly id: number; readonly result: unknown }
  | {
      readonly id: number;
      readonly error: {
        readonly code: PanalErrorCode;
        readonly message: string;
        readonly fields: InvalidFieldsError["fields"] | undefined;
        readonly stack: string | undefined;
      };
    };

type Method<Part extends keyof StoreParts> = keyof StoreParts[Part] & string;
type Call<Part extends keyof StoreParts, Name extends Method<Part>> = StoreParts[Part][Name] extends (
  ...args: infer Args
) => infer Result
  ? { args: Args; result: Result }
  : never;

/** A connection in another thread. */
export interface ThreadStore {
  /** Throws what the thread throws; "busy" when too many wait; "internal" when the thread has ended. */
  call<Part extends keyof StoreParts, Name extends Method<Part>>(
    part: Part,
    method: Name,
    ...args: Call<Part, Name>["args"]
  ): Call<Part, Name>["result"];
  /** A call whose only argument has a field with a long list, which is handed over in turns with others' requests. */
  callWithList<Part extends keyof StoreParts, Name extends Method<Part>>(
    part: Part,
    method: Name,
    { list, rest }: { list: { name: string; items: readonly unknown[] }; rest: object },
  ): Call<Part, Name>["result"];
  /** Calls the thread has still to answer, whichever store they are for. */
  readonly waiting: number;
  /** After what is under way. */
  close(): Promise<void>;
}

/** A thread for connections; several stores may share it. */
export interface StoreThread {
  open(database: { path: string; cacheKib: number }): ThreadStore;
  /** After its stores. */
  close(): Promise<void>;
}

/** `maxCalls` may wait for it; each holds its arguments and may hold an answer. */
export function startStoreThread({ maxCalls }: { maxCalls: number }): StoreThread {
  const worker = new Worker(threadScript("sqlite-thread", import.meta.url), {
    execArgv: [],
    resourceLimits: { maxYoungGenerationSizeMb: YOUNG_GENERATION_MB },
  });
  const waiting = new Map<number, PromiseWithResolvers<unknown>>();
  const exited = once(worker, "exit").catch(() => {});
  let [nextId, nextStore] = [0, 0];
  let end: PanalError | undefined;

  worker.on("message", (reply: ThreadReply) => {
    const { resolve, reject } = waiting.get(reply.id)!;
    waiting.delete(reply.id);
    if ("error" in reply) reject(errorFrom(reply.error));
    else resolve(reply.result);
  });
  const fail = (cause?: unknown) => {
    end ??= new PanalError("internal", "the thread of the database has ended", { cause });
    for (const { reject } of waiting.values()) reject(end);
    waiting.clear();
  };
  worker.on("error", fail);
  worker.on("exit", () => fail());

  function send(request: ThreadRequest): void {
    worker.postMessage(request);
  }

  function begin(): { id: number; reply: Promise<unknown> } {
    if (end !== undefined) throw end;
    if (waiting.size >= maxCalls)
      throw new PanalError("busy", "too many requests at once; send it again soon");
    const id = nextId++;
    const { promise, resolve, reject } = Promise.withResolvers<unknown>();
    waiting.set(id, { promise, resolve, reject });
    return { id, reply: promise };
  }

  function open({ path, cacheKib }: { path: string; cacheKib: number }): ThreadStore {
    const store = nextStore++;
    const underWay = new Set<Promise<unknown>>();

    function noted(reply: Promise<unknown>): Promise<unknown> {
      const settled: Promise<void> = reply.then(
        () => {},
        () => {},
      );
      underWay.add(settled);
      void settled.then(() => underWay.delete(settled));
      return reply;
    }
    const opening = begin();
    send({ type: "open", id: opening.id, store, path, cacheKib });
    const opened = noted(opening.reply);
    // Calls find out.
    opened.catch(() => {});

    async function call(
      part: keyof StoreParts,
      method: string,
      ...args: readonly unknown[]
    ): Promise<unknown> {
      const { id, reply } = begin();
      send({ type: "call", id, store, part, method, args });
      return noted(reply);
    }

    async function callWithList(
      part: keyof StoreParts,
      method: string,
      { list: { name, items }, rest }: { list: { name: string; items: readonly unknown[] }; rest: object },
    ): Promise<unknown> {
      const { id, reply } = begin();
      // The thread may end before all of it is there.
      noted(reply).catch(() => {});
      for (let start = 0; start < items.length; start += PIECE_ITEMS) {
        if (start > 0) await setImmediate();
        send({ type: "piece", id, store, items: items.slice(start, start + PIECE_ITEMS) });
      }
      send({ type: "call", id, store, part, method, args: [rest], held: name });
      return reply;
    }

    return {
      call: call as ThreadStore["call"],
      callWithList: callWithList as ThreadStore["callWithList"],
      get waiting() {
        return waiting.size;
      },
      async close() {
        await Promise.all(underWay);
        if (end !== undefined) return;
        const { id, reply } = begin();
        send({ type: "close", id, store });
        await reply;
      },
    };
  }

  return {
    open,
    async close() {
      await worker.terminate();
      await exited;
    },
  };
}

function errorFrom(error: Extract<ThreadReply, { error: unknown }>["error"]): PanalError {
  if (error.fields !== undefined) return new InvalidFieldsError(error.fields);
  return new PanalError(error.code, error.message, { cause: error.stack });
}
