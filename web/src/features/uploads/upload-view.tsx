import { displayName } from "@panal/sdk/content";
import { Inbox } from "lucide-react";
import { useEffect, useEffectEvent } from "react";
import { useTranslation } from "react-i18next";
import type { RootRequest } from "../../sharing/sharing-api.ts";
import type { UploadPeer } from "../../uploading/uploading-api.ts";
import { EmptyState } from "../../ui/empty-state.tsx";
import { Warning } from "../../ui/warning.tsx";
import { ChooseButton, hasPickers, rootsOfDrop } from "../share/index.ts";
import { CodeForm } from "./code-form.tsx";
import { Received } from "./received.tsx";
import { uploadsOfThisPage } from "./this-page.ts";
import { Unfinished } from "./unfinished.tsx";
import { UploadRow } from "./upload-row.tsx";
import { isPeerAway, isThrough } from "./upload-state.ts";
import { useCodeCheck, useUploads } from "./use-uploads.ts";

interface UploadViewProps {
  peer: UploadPeer;
  /** What the peer says it takes. */
  uploads: "none" | "open" | "code";
  /** Files are held over the page. */
  isOver: boolean;
}

/** Sends files to one peer. */
export function UploadView({ peer, uploads, isOver }: UploadViewProps) {
  const { t } = useTranslation();
  if (uploads === "none") {
    return <EmptyState icon={<Inbox />} title={t("upload.none")} hint={t("upload.noneHint")} />;
  }
  return (
    <div className="min-h-0 flex-1 overflow-y-auto px-4 py-5">
      <div className="flex max-w-2xl flex-col gap-5">
        <p className="text-muted wrap-anywhere">{t("upload.lead", { name: displayName(peer.name) })}</p>
        {uploads === "code" ? <CodeForm peer={peer} /> : null}
        <Sending peer={peer} needsCode={uploads === "code"} isOver={isOver} />
      </div>
    </div>
  );
}

function Sending({ peer, needsCode, isOver }: { peer: UploadPeer; needsCode: boolean; isOver: boolean }) {
  const { t } = useTranslation();
  const store = uploadsOfThisPage();
  const { uploads, kept, problem } = useUploads();
  const check = useCodeCheck(peer);
  const mayGo = !needsCode || check.data === true;
  const ours = uploads.filter(({ peerId }) => peerId === peer.peerId);
  const ofPeer = kept.filter(({ peerId }) => peerId === peer.peerId);
  const add = (roots: readonly RootRequest[]) => store.add(peer, roots);
  usePaste(add);

  // What stopped for want of a code goes on with it, and what stopped because the peer was away when that is back.
  const goOn = useEffectEvent(() => {
    for (const upload of ours) {
      if (upload.failure?.code === "unauthorized" || isPeerAway(upload)) store.retry(upload.id, peer);
    }
  });
  useEffect(() => {
    if (mayGo) goOn();
  }, [mayGo]);

  return (
    <>
      {problem === undefined ? null : <Warning>{t(`upload.${problem}`)}</Warning>}
      <Received peer={peer} />
      <Unfinished kept={ofPeer} peer={peer} />
      <section
        aria-label={t("upload.title")}
        className={`flex flex-col items-start gap-4 rounded-xl border-2 border-dashed p-5 ${isOver ? "border-honey bg-honey-soft" : "border-line-strong bg-raised"}`}
      >
        <p>{t("upload.drop")}</p>
        <div className="flex flex-wrap gap-2">
          <ChooseButton kind="file" isMain={mayGo && ofPeer.length === 0} onRoots={add} />
          <ChooseButton kind="folder" onRoots={add} />
        </div>
        {hasPickers() ? null : <p className="text-sm text-muted">{t("upload.notKept")}</p>}
      </section>
      {ours.length === 0 ? null : (
        <ul aria-label={t("upload.list")} className="flex flex-col divide-y divide-line border-y border-line">
          {ours.toReversed().map((upload) => (
            <UploadRow key={upload.id} upload={upload} peer={peer} />
          ))}
        </ul>
      )}
      <p role="status" className="sr-only">
        {ours.length > 0 && ours.every(isThrough) ? t("upload.allDone") : ""}
      </p>
    </>
  );
}

/** What is pasted into the page, but for what belongs into a field. */
function usePaste(onRoots: (roots: readonly RootRequest[]) => void): void {
  const paste = useEffectEvent((event: ClipboardEvent) => {
    const isTyping = event.target instanceof Element && event.target.matches("input, textarea");
    if (isTyping || event.clipboardData === null || event.clipboardData.files.length === 0) return;
    event.preventDefault();
    void rootsOfDrop(event.clipboardData.items).then(onRoots);
  });
  useEffect(() => {
    const listener = (event: ClipboardEvent) => paste(event);
    document.addEventListener("paste", listener);
    return () => document.removeEventListener("paste", listener);
  }, []);
}
