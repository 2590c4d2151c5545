import { useQuery } from "@tanstack/react-query";
import { useSyncExternalStore } from "react";
import type { UploadPeer } from "../../uploading/uploading-api.ts";
import { checkCode } from "./check-code.ts";
import { uploadsOfThisPage } from "./this-page.ts";
import { uploadCodes } from "./upload-codes.ts";
import type { UploadsState } from "./uploads-store.ts";

export function useUploads(): UploadsState {
  const store = uploadsOfThisPage();
  return useSyncExternalStore(store.subscribe, store.state);
}

/** The code this browser has for a peer. */
export function useUploadCode(peerId: string): string | undefined {
  return useSyncExternalStore(uploadCodes.subscribe, () => uploadCodes.get(peerId));
}

/** Whether it is the right one, asked once. */
export function useCodeCheck(peer: UploadPeer) {
  return useQuery({
    queryKey: ["upload-code", peer.peerId, peer.code],
    async queryFn({ signal }) {
      const isRight = await checkCode(peer, signal);
      if (isRight) uploadCodes.confirm(peer.peerId);
      return isRight;
    },
    enabled: peer.code !== undefined,
    // Each wrong one counts there.
    staleTime: Infinity,
    retry: false,
    refetchOnWindowFocus: false,
  });
}
