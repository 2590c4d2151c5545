import type { KeptUpload } from "@panal/sdk/browser";
import type { RootUpload } from "../../uploading/uploading-api.ts";
import { isThrough } from "./upload-state.ts";
import { useUploads } from "./use-uploads.ts";

export interface LeftUploads {
  readonly uploads: readonly RootUpload[];
  /** Of earlier pages. */
  readonly kept: readonly KeptUpload[];
}

/** What isn't at a peer yet of what is being sent to it; undefined when that is nothing. */
export function useLeftUploads(peerId: string): LeftUploads | undefined {
  const all = useUploads();
  const uploads = all.uploads.filter((upload) => upload.peerId === peerId && !isThrough(upload));
  const kept = all.kept.filter((record) => record.peerId === peerId);
  return uploads.length + kept.length === 0 ? undefined : { uploads, kept };
}
