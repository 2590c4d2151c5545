import type { Peer } from "@panal/sdk";
import { useEffect } from "react";
import { navigate } from "wouter/use-browser-location";
import { usePlace } from "../../app/place.ts";
import { isUploadSearch, splitUrl, uploadPath } from "../../app/route.ts";
import type { UploadPeer } from "../../uploading/uploading-api.ts";
import { useFileDrop } from "../share/index.ts";
import { codeOfHash, uploadCodes } from "./upload-codes.ts";
import { uploadsOfThisPage } from "./this-page.ts";
import { useUploadCode } from "./use-uploads.ts";

/** What a peer's page needs to take files for it. */
export function usePeerUploads(peerId: string, peer: Pick<Peer, "name" | "endpoints"> | undefined) {
  useCodeOfLink(peerId);
  const code = useUploadCode(peerId);
  const target: UploadPeer = { peerId, name: peer?.name ?? "", endpoints: peer?.endpoints ?? [], code };
  const { isOver, handlers } = useFileDrop((roots) => {
    if (peer === undefined || roots.length === 0) return;
    uploadsOfThisPage().add(target, roots);
    navigate(uploadPath(peerId));
  });
  const { search } = splitUrl(usePlace().listUrl);
  return { target, isShown: isUploadSearch(search), isOver, dropHandlers: handlers };
}

/** A link with a code leads here; the code is taken out of the address, which others may see. */
function useCodeOfLink(peerId: string): void {
  useEffect(() => {
    function take(): void {
      const code = codeOfHash(location.hash);
      if (code === undefined) return;
      uploadCodes.set(peerId, code);
      navigate(uploadPath(peerId), { replace: true });
    }
    take();
    window.addEventListener("hashchange", take);
    return () => window.removeEventListener("hashchange", take);
  }, [peerId]);
}
