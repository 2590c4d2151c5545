import { displayName, mediaTypeOf } from "@panal/sdk/content";
import { Folder, Pause, Play, RotateCw, X } from "lucide-react";
import { useTranslation } from "react-i18next";
import type { FileUpload, RootUpload, UploadPeer } from "../../uploading/uploading-api.ts";
import { Bar } from "../../ui/bar.tsx";
import { IconButton } from "../../ui/button.tsx";
import { KindIcon } from "../../ui/kind-icon.tsx";
import { useFormats } from "../../ui/use-formats.ts";
import { routeKey } from "../peers/index.ts";
import { failureText } from "./failure-text.ts";
import { FileRows, FileState } from "./file-rows.tsx";
import { uploadsOfThisPage } from "./this-page.ts";
import { fractionOf, hasFailed, isPeerAway, isRunning, isThrough } from "./upload-state.ts";

interface UploadRowProps {
  upload: RootUpload;
  /** Undefined while it is gone: then there is nobody to begin anew with. */
  peer: UploadPeer | undefined;
}

/** One thing that was picked: how far it is, and what can be done. */
export function UploadRow({ upload, peer }: UploadRowProps) {
  const { id, kind, phase } = upload;
  const waitsForPeer = peer === undefined && (isRunning(upload) || isPeerAway(upload));
  const failure = waitsForPeer ? undefined : upload.failure;
  const { t } = useTranslation();
  const [only] = upload.files;
  const name = displayName(upload.name);
  return (
    <li
      data-testid="upload-row"
      data-phase={phase}
      data-sent={upload.sentBytes}
      data-done={upload.doneBytes}
      className="flex items-start gap-3 py-3"
    >
      <span className="pt-0.5">
        {kind === "folder" ? (
          <Folder className="size-4 shrink-0 text-muted" strokeWidth={1.75} aria-hidden="true" />
        ) : (
          <KindIcon kind={mediaTypeOf(upload.name).kind} />
        )}
      </span>
      <div className="flex min-w-0 flex-1 flex-col gap-1">
        <p className="truncate">
          <bdi>{name}</bdi>
        </p>
        {isThrough(upload) ? null : (
          <Bar
            label={t("upload.progress", { name })}
            fraction={fractionOf(upload)}
            look={hasFailed(upload) && !waitsForPeer ? "failed" : "running"}
          />
        )}
        <Figures upload={upload} />
        {failure === undefined ? null : (
          <p role="alert" className="text-sm wrap-anywhere text-failed-ink">
            {failureText(t, failure)}
          </p>
        )}
        {waitsForPeer ? <p className="text-sm text-honey-ink">{t("upload.waitsForPeer")}</p> : null}
        {kind === "folder" && isThrough(upload) && upload.sentCount > 0 ? (
          <p className="text-sm text-verified-ink">{t("upload.sent")}</p>
        ) : null}
        {kind === "folder" ? (
          <FileRows upload={upload} />
        ) : only === undefined || waitsForPeer || isSaid(phase, only) ? null : (
          <FileState file={only} />
        )}
      </div>
      <Actions upload={upload} name={name} peer={peer} key={id} />
    </li>
  );
}

/** Whether the figures of the whole, or why it stopped, say it: what is paused waits for nothing. */
function isSaid(phase: RootUpload["phase"], { phase: filePhase, waitingFor }: FileUpload): boolean {
  const isSending = filePhase === "sending" && (waitingFor === undefined || phase === "paused");
  return phase === "failed" || isSending;
}

function Figures({ upload }: { upload: RootUpload }) {
  const { t } = useTranslation();
  const formats = useFormats();
  const { kind, phase, fileCount, sentCount, thereCount, failedCount, doneBytes, totalBytes } = upload;
  const parts: string[] = [];
  if (phase === "listing") parts.push(t("upload.listing"));
  if (phase === "paused") parts.push(t("upload.paused"));
  if (kind === "folder") {
    const done = formats.count(sentCount + thereCount);
    parts.push(t("upload.counts", { done, total: formats.count(fileCount) }));
    if (thereCount > 0) {
      parts.push(t("upload.thereCount", { count: thereCount, formatted: formats.count(thereCount) }));
    }
  }
  parts.push(
    isThrough(upload)
      ? formats.bytes(totalBytes)
      : t("upload.of", { done: formats.bytes(doneBytes), total: formats.bytes(totalBytes) }),
  );
  if (isRunning(upload) && upload.bytesPerSecond > 0) {
    parts.push(formats.speed(upload.bytesPerSecond), t(routeKey(upload.route)));
  }
  return (
    <p className="text-sm text-muted tabular">
      {parts.join(" · ")}
      {failedCount > 0 && kind === "folder" ? (
        <span className="text-failed-ink">
          {" · "}
          {t("upload.failedCount", { count: failedCount, formatted: formats.count(failedCount) })}
        </span>
      ) : null}
    </p>
  );
}

function Actions({ upload, name, peer }: UploadRowProps & { name: string }) {
  const { t } = useTranslation();
  const store = uploadsOfThisPage();
  const { id, phase } = upload;
  return (
    <div className="-my-2 -mr-2 flex shrink-0">
      {isRunning(upload) ? (
        <IconButton label={t("upload.pause", { name })} icon={<Pause />} onClick={() => store.pause(id)} />
      ) : null}
      {phase === "paused" ? (
        <IconButton label={t("upload.resume", { name })} icon={<Play />} onClick={() => store.resume(id)} />
      ) : null}
      {hasFailed(upload) && peer !== undefined ? (
        <IconButton
          label={t("upload.retry", { name })}
          icon={<RotateCw />}
          onClick={() => store.retry(id, peer)}
        />
      ) : null}
      {phase === "done" ? (
        <IconButton label={t("upload.forget", { name })} icon={<X />} onClick={() => store.forget(id)} />
      ) : (
        <IconButton label={t("upload.cancel", { name })} icon={<X />} onClick={() => store.cancel(id)} />
      )}
    </div>
  );
}
