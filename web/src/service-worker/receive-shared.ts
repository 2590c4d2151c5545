import type { KeptUpload } from "@panal/sdk/browser";
import { RECEIVED_FAILED_QUERY } from "../app/route.ts";

/** Where a phone's share sheet posts files to, as the web manifest says; the tracker knows nothing of it. */
const RECEIVE_PATH = "/receive";
/** Where a peer is chosen for them. */
const CHOOSE_PATH = "/p";
/** The name of the field, as in the manifest. */
const FIELD = "files";
/** Nobody picks more in a share sheet, and another site's form must not fill the disk with names. */
export const MAX_RECEIVED = 200;

export interface ReceiveDeps {
  list(): Promise<readonly KeptUpload[]>;
  keep(upload: KeptUpload): Promise<void>;
  forget(id: string): Promise<void>;
  newId(): string;
}

/** Whether a request brings files of the share sheet. */
export function isReceived({ url, method }: Pick<Request, "url" | "method">): boolean {
  return method === "POST" && new URL(url).pathname === RECEIVE_PATH;
}

/** Keeps what was shared until somebody has said to whom it goes. What was there before and nobody sent makes room. */
export async function receiveShared(request: Request, deps: ReceiveDeps): Promise<Response> {
  try {
    const form = await request.formData();
    const files = form.getAll(FIELD).filter((value) => value instanceof File);
    for (const { id, peerId } of await deps.list()) if (peerId === undefined) await deps.forget(id);
    for (const file of files.slice(0, MAX_RECEIVED)) {
      const { name, size, lastModified: modifiedMs } = file;
      const record = { id: deps.newId(), peerId: undefined, name, kind: "file" } as const;
      await deps.keep({ ...record, files: [{ path: name, size, modifiedMs, file }] });
    }
    return seeOther(CHOOSE_PATH);
  } catch {
    // No room for it, or it isn't a form: the page says so.
    return seeOther(CHOOSE_PATH + RECEIVED_FAILED_QUERY);
  }
}

function seeOther(path: string): Response {
  return new Response(null, { status: 303, headers: { location: path } });
}
