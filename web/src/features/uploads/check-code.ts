import { PanalError } from "@panal/sdk";
import { createBrowserUploadTarget } from "@panal/sdk/browser";
import type { UploadPeer } from "../../uploading/uploading-api.ts";

/** Names no upload: a peer looks at the code before it looks for one. */
const NO_UPLOAD = "-";

/** Whether a peer takes files with this code, asked before anything is hashed. Throws "busy" after too many wrong ones, "unreachable". */
export async function checkCode(peer: UploadPeer, signal: AbortSignal): Promise<boolean> {
  const { peerId: id, ...options } = peer;
  try {
    await createBrowserUploadTarget({ id, ...options }).abort(NO_UPLOAD, { signal });
    return true;
  } catch (error) {
    const { code } = PanalError.from(error);
    if (code === "not-found") return true;
    if (code === "unauthorized") return false;
    throw error;
  }
}
