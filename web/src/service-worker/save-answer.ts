import { contentDisposition } from "@panal/sdk/content";
import { SAVE_PREFIX, type SaveQuestion } from "../engine/engine-api.ts";
import { type AskedPage, askPage } from "./ask-page.ts";
import { SAFETY_HEADERS } from "./stream-answer.ts";

interface Save {
  readonly id: string;
  readonly lengthBytes: number;
  /** From outside. */
  readonly name: string;
}

type Page = AskedPage<SaveQuestion>;

interface SaveOptions {
  save: Save;
  /** The part of `self.clients` that is needed here. */
  pages: { matchAll(options: { type: "window" }): Promise<readonly Page[]> };
}

/** `/save/{id}/{length}/{name}`, as only our page makes them; undefined when it is something else. */
export function parseSaveUrl(url: string): Save | undefined {
  const { pathname } = new URL(url);
  if (!pathname.startsWith(SAVE_PREFIX)) return undefined;
  const [id = "", length = "", name = "", ...rest] = pathname.slice(SAVE_PREFIX.length).split("/");
  const lengthBytes = Number(length);
  if (!/^[\w-]{1,64}$/.test(id) || !/^\d{1,16}$/.test(length) || rest.length > 0) return undefined;
  if (name === "") return undefined;
  try {
    return { id, lengthBytes, name: decodeURIComponent(name) };
  } catch {
    return undefined;
  }
}

/**
 * Gives what a page gets ready to the browser's downloads: bytes to be saved and nothing else, with their exact length,
 * one part after the other as the browser takes them. The first part says which page has them.
 */
export async function answerSave(
  request: Pick<Request, "method" | "destination">,
  { save, pages }: SaveOptions,
): Promise<Response> {
  const { id, lengthBytes, name } = save;
  // A frame that saves, or the address bar; never what would show or run it.
  if (!["iframe", "document"].includes(request.destination) || request.method !== "GET") return refuse(403);
  const first = await findPage(id, await pages.matchAll({ type: "window" }));
  if (first === undefined) return refuse(404);
  const headers = new Headers({
    ...SAFETY_HEADERS,
    "content-type": "application/octet-stream",
    "content-length": String(lengthBytes),
    "content-disposition": contentDisposition("attachment", name),
  });
  let next: Uint8Array | undefined = first.bytes;
  const body = new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const bytes = next ?? (await askPage(first.page, { type: "read-save", id }));
        next = undefined;
        if (bytes.length > 0) controller.enqueue(bytes);
        else controller.close();
      },
      cancel: () => first.page.postMessage({ type: "cancel-save", id }, []),
    },
    { highWaterMark: 0 },
  );
  return new Response(body, { headers });
}

/** Others say that they don't have it. */
async function findPage(
  id: string,
  pages: readonly Page[],
): Promise<{ page: Page; bytes: Uint8Array } | undefined> {
  const asked = pages.map(async (page) => ({ page, bytes: await askPage(page, { type: "read-save", id }) }));
  return Promise.any(asked).catch(() => undefined);
}

function refuse(status: number): Response {
  return new Response(null, { status, headers: SAFETY_HEADERS });
}
