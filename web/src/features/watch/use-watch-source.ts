import type { FileDetails } from "@panal/sdk";
import { type FileId, mediaTypeOf, safeFileName } from "@panal/sdk/content";
import { useEffect, useRef, useState } from "react";
import { doorLinks } from "../file/index.ts";
import { type Transfer, urlOfKeptFile, useTransfersStore } from "../transfers/index.ts";
import { useWatching } from "./streams-context.ts";

/** Why a peer's own door has to do, unchecked. */
export type DoorReason = "insecure" | "no-space";

/** Where a file's bytes come from, to be played or shown. */
export type WatchSource =
  | { type: "looking" }
  /** Verified, while it comes. */
  | { type: "stream"; url: string }
  /** Complete, verified, on this disk. */
  | { type: "kept"; url: string }
  /** Straight from a peer. */
  | { type: "door"; url: string; peerName: string; why: DoorReason }
  /** Not even a peer's door: nobody has it now. */
  | { type: "nowhere" };

interface WatchOptions {
  /** "fetched": by `fetch`, which takes no URL of a file on this disk. "not": nothing here can show it. */
  how: "shown" | "fetched" | "not";
  transfer: Transfer | undefined;
  details: FileDetails | null | undefined;
}

/** Chosen once for each visit, and again only when what was chosen can't work: a player would begin anew. */
export function useWatchSource(
  { fileId, name }: { fileId: FileId; name: string },
  { how, transfer, details }: WatchOptions,
): WatchSource {
  const store = useTransfersStore();
  const watching = useWatching();
  const [source, setSource] = useState<WatchSource>({ type: "looking" });
  const [canStream, setCanStream] = useState<boolean>();
  const doneAtFirst = useRef(transfer?.phase.type === "done" ? transfer : undefined);

  useEffect(() => {
    if (how === "not") return;
    let isWanted = true;
    let forget = () => {};
    void (async () => {
      const done = how === "shown" ? doneAtFirst.current : undefined;
      const kept = done === undefined ? undefined : await keptUrl(done);
      if (kept !== undefined && isWanted) {
        forget = kept.forget;
        return setSource({ type: "kept", url: kept.url });
      }
      const isReady = await watching.ready();
      if (!isWanted) return;
      setCanStream(isReady);
      if (!isReady) return;
      store.watch({ fileId, name });
      setSource({ type: "stream", url: watching.urlOf(fileId, name) });
    })();
    return () => {
      isWanted = false;
      forget();
      store.unwatch(fileId);
    };
    // The name only decides how it is called.
  }, [how, fileId, store, watching]);

  const hasNoSpace =
    source.type === "stream" && transfer?.phase.type === "failed" && transfer.phase.code === "no-space";
  if (!hasNoSpace && canStream !== false) return source;
  if (details === undefined) return { type: "looking" };
  const [door] = details === null ? [] : doorLinks(details);
  if (door === undefined) return { type: "nowhere" };
  return { type: "door", url: door.url, peerName: door.peerName, why: hasNoSpace ? "no-space" : "insecure" };
}

/** A complete file as the page has it: in the browser's storage, or where somebody put it. */
async function keptUrl({
  fileId,
  name,
  target,
}: Transfer): Promise<{ url: string; forget(): void } | undefined> {
  try {
    if (target.type === "browser") {
      const url = await urlOfKeptFile(fileId, name);
      return url === undefined ? undefined : { url, forget: () => {} };
    }
    const { inline, mime } = mediaTypeOf(name);
    const type = inline ? mime : "application/octet-stream";
    const file = await target.handle.getFile();
    const url = URL.createObjectURL(new File([file], safeFileName(name), { type }));
    return { url, forget: () => URL.revokeObjectURL(url) };
  } catch {
    // Moved, or permission is gone: the peers have it, too.
    return undefined;
  }
}
