import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";

interface Answer {
  id?: number;
  result?: unknown;
  /** DevTools: an object; BiDi: a code beside `message`. */
  error?: { message: string } | string;
  message?: string;
}

/** A browser's DevTools or BiDi socket: questions and their answers; events aren't asked for. */
export interface RemoteControl {
  /** `more` stands beside `method` and `params`: the DevTools protocol's `sessionId`. */
  call<T>(method: string, params: object, more?: object): Promise<T>;
  close(): void;
}

/** Both protocols number their questions and answer with the number. */
export async function connectRemoteControl(url: string): Promise<RemoteControl> {
  const socket = new WebSocket(url);
  await once(socket, "open");
  const waiting = new Map<number, PromiseWithResolvers<unknown>>();
  let nextId = 1;
  socket.addEventListener("message", ({ data }) => {
    const { id, result, error, message } = JSON.parse(String(data)) as Answer;
    if (id === undefined) return;
    if (error === undefined) waiting.get(id)?.resolve(result);
    else
      waiting.get(id)?.reject(new Error(typeof error === "string" ? `${error}: ${message}` : error.message));
    waiting.delete(id);
  });
  socket.addEventListener("close", () => {
    for (const { reject } of waiting.values()) reject(new Error("the browser is gone"));
  });
  return {
    call<T>(method: string, params: object, more: object = {}): Promise<T> {
      const id = nextId++;
      const answer = Promise.withResolvers<unknown>();
      waiting.set(id, answer);
      socket.send(JSON.stringify({ id, method, params, ...more }));
      return answer.promise as Promise<T>;
    },
    close: () => socket.close(),
  };
}

/** The address a browser that was just started prints when it listens. */
export function listeningUrl(child: ChildProcess): Promise<string> {
  const found = Promise.withResolvers<string>();
  createInterface({ input: child.stderr! }).on("line", (line) => {
    const url = /listening on (ws:\S+)/.exec(line)?.[1];
    if (url !== undefined) found.resolve(url);
  });
  child.once("error", found.reject);
  child.once("exit", (code) => found.reject(new Error(`the browser ended with ${code}`)));
  return found.promise;
}
