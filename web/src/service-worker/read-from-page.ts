import { PanalError } from "@panal/sdk";
import type { FileId } from "@panal/sdk/content";
import type { ReadAnswer, ReadRequest } from "../engine/engine-api.ts";
import type { ReadBytes } from "./stream-answer.ts";

interface Page {
  postMessage(message: ReadRequest, transfer: Transferable[]): void;
}

/** The part of `self.clients` that is needed here. */
export interface Pages {
  get(id: string): Promise<Page | undefined>;
  matchAll(options: { type: "window" }): Promise<readonly Page[]>;
}

/**
 * Reads a file through the engine of a page: of the one that asked, else of any. Nothing is remembered from one read to
 * the next, since browsers end a service worker whenever they like.
 */
export function readFromPage(
  { fileId, name }: { fileId: FileId; name: string },
  { pages, clientId }: { pages: Pages; clientId: string },
): ReadBytes {
  return async ({ start, end }, signal) => {
    const page = (await pages.get(clientId)) ?? (await pages.matchAll({ type: "window" }))[0];
    if (page === undefined) throw new PanalError("unreachable", "no page of this app is open");
    const { port1: port, port2 } = new MessageChannel();
    const answered = Promise.withResolvers<Uint8Array<ArrayBuffer>>();
    port.addEventListener("message", ({ data }: MessageEvent<ReadAnswer>) => {
      if (data.type === "bytes") answered.resolve(data.bytes);
      else answered.reject(new PanalError(data.code, data.message));
    });
    const stop = () => {
      port.postMessage("cancel");
      answered.reject(new PanalError("aborted", "nobody waits for it any more"));
    };
    signal.addEventListener("abort", stop, { once: true });
    port.start();
    const request: ReadRequest = { type: "read", fileId, name, start, end };
    page.postMessage(request, [port2]);
    try {
      return await answered.promise;
    } finally {
      signal.removeEventListener("abort", stop);
      port.close();
    }
  };
}
