import { PanalError } from "@panal/sdk";
import type { FileId } from "@panal/sdk/content";
import type { ReadRequest } from "../engine/engine-api.ts";
import { type AskedPage, askPage } from "./ask-page.ts";
import type { ReadBytes } from "./stream-answer.ts";

type Page = AskedPage<ReadRequest>;

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
  { fileId, name, isPeek }: { fileId: FileId; name: string; isPeek?: boolean },
  { pages, clientId }: { pages: Pages; clientId: string },
): ReadBytes {
  return async ({ start, end }, signal) => {
    const page = (await pages.get(clientId)) ?? (await pages.matchAll({ type: "window" }))[0];
    if (page === undefined) throw new PanalError("unreachable", "no page of this app is open");
    return askPage(page, { type: "read", fileId, name, start, end, isPeek }, signal);
  };
}
