import type { FileId } from "@panal/sdk/content";
import { safeFileName } from "@panal/sdk/content";
import { type Remote, transfer } from "comlink";
import {
  type Engine,
  type PageMessage,
  type ReadRequest,
  SAVE_PREFIX,
  type SaveQuestion,
  STREAM_PREFIX,
} from "./engine-api.ts";

/** Browsers end a service worker after 30 s without a message; Firefox also one that still answers something. */
const KEEP_ALIVE_MS = 10_000;
/** A service worker that can be had takes over by then. */
const TAKE_OVER_MS = 10_000;

/** Files at URLs of our own, answered by the service worker with what the engine has verified. */
export interface Streams {
  /** Starts the service worker, if it isn't there. Whether this page can use `urlOf`. */
  ready(): Promise<boolean>;
  urlOf(fileId: FileId, name: string): string;
  /** The same for a file that is only looked into. */
  urlOfPeek(fileId: FileId, name: string): string;
  /** What the engine has ready under this id, for the browser's downloads. The service worker lives on until `endSave`. */
  urlOfSave(save: { id: string; lengthBytes: number; name: string }): string;
  endSave(id: string): void;
}

interface StreamsDeps {
  engine: Remote<Engine>;
  /** Trusted. */
  scriptUrl: string;
}

export function createStreams({ engine, scriptUrl }: StreamsDeps): Streams {
  // Missing on insecure origins, whatever its type says.
  const container: ServiceWorkerContainer | undefined = navigator.serviceWorker;
  let started: Promise<boolean> | undefined;
  let readsUnderWay = 0;
  const saves = new Set<string>();

  function say(message: PageMessage): void {
    container?.controller?.postMessage(message);
  }

  async function answerRead(request: ReadRequest, port: MessagePort): Promise<void> {
    readsUnderWay++;
    try {
      await engine.read(request, transfer(port, [port]));
    } finally {
      readsUnderWay--;
    }
  }

  async function start(): Promise<boolean> {
    // While the app is developed there is none: what it keeps would be in the way.
    if (container === undefined || !import.meta.env.PROD) return false;
    try {
      await container.register(scriptUrl, { updateViaCache: "none" });
      const { active } = await container.ready;
      if (container.controller !== null) return true;
      const control = Promise.withResolvers<boolean>();
      container.addEventListener("controllerchange", () => control.resolve(true), { once: true });
      setTimeout(() => control.resolve(false), TAKE_OVER_MS);
      active?.postMessage({ type: "claim" } satisfies PageMessage);
      return await control.promise;
    } catch {
      // Storage is forbidden, or the script can't be had: there are other ways, and they say so.
      return false;
    }
  }

  container?.addEventListener(
    "message",
    ({ data, ports: [port] }: MessageEvent<ReadRequest | SaveQuestion>) => {
      if (data.type === "cancel-save") void engine.cancelSave(data.id);
      else if (port === undefined) return;
      else if (data.type === "read") void answerRead(data, port);
      else if (data.type === "read-save") void engine.readSave(data.id, transfer(port, [port]));
    },
  );
  container?.startMessages();
  setInterval(() => {
    if (readsUnderWay > 0 || saves.size > 0) say({ type: "keep-alive" });
  }, KEEP_ALIVE_MS);

  const urlOf = (fileId: FileId, name: string) =>
    `${STREAM_PREFIX}${fileId}/${encodeURIComponent(safeFileName(name))}`;

  return {
    async ready() {
      started ??= start();
      const isReady = await started;
      // Perhaps it works later.
      if (!isReady) started = undefined;
      return isReady;
    },
    urlOfSave({ id, lengthBytes, name }) {
      saves.add(id);
      return `${SAVE_PREFIX}${id}/${lengthBytes}/${encodeURIComponent(safeFileName(name))}`;
    },
    endSave: (id) => saves.delete(id),
    urlOf,
    urlOfPeek: (fileId, name) => `${urlOf(fileId, name)}?peek`,
  };
}
