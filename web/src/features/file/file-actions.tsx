import type { FileDetails } from "@panal/sdk";
import { displayName, type FileId, mediaTypeOf } from "@panal/sdk/content";
import { Download, Eye, Play, Unplug } from "lucide-react";
import { useTranslation } from "react-i18next";
import { usePlace, watchFile } from "../../app/place.ts";
import { chooseStore, pageAbilities } from "../../engine/choose-store.ts";
import { Button, buttonClass, type ButtonLook } from "../../ui/button.tsx";
import { EmptyState } from "../../ui/empty-state.tsx";
import { LoadError } from "../../ui/load-error.tsx";
import { useFormats } from "../../ui/use-formats.ts";
import { SaveStraightButton, type Transfer, TransferActions, useTransfersStore } from "../transfers/index.ts";
import { checkedLink, doorLinks } from "./door-link.ts";
import type { useFile } from "./use-file.ts";
import { useSaveWays } from "./use-save-ways.ts";

interface FileActionsProps {
  fileId: FileId;
  name: string;
  file: ReturnType<typeof useFile>;
  transfer: Transfer | undefined;
}

/** The one thing to do with a file as it stands. */
export function FileActions({ fileId, name, file, transfer }: FileActionsProps) {
  const { t } = useTranslation();
  const ways = useSaveWays(fileId);
  const shownWays = transfer === undefined ? ways : [];
  if (transfer === undefined && file.data === null) {
    return <EmptyState icon={<Unplug />} title={t("file.gone")} hint={t("file.goneHint")} />;
  }
  if (transfer === undefined && file.data === undefined && file.error !== null) {
    return <LoadError error={file.error} onRetry={() => void file.refetch()} />;
  }
  return (
    <div className="mt-3 mb-4 flex flex-col gap-3">
      {transfer === undefined && ways.length === 0 ? <InsecureNote details={file.data ?? undefined} /> : null}
      <div className="flex flex-wrap gap-2">
        {transfer === undefined ? null : <TransferActions transfer={transfer} />}
        {shownWays.map((way, index) => {
          const shown = { fileId, name, look: index === 0 ? "primary" : "plain" } as const;
          if (way === "stream") return <SaveStraightButton key={way} {...shown} />;
          return <DownloadButton key={way} {...shown} isReady={file.data !== undefined} />;
        })}
        <WatchButton fileId={fileId} name={name} />
      </div>
      {shownWays.map((way, index) => (
        <p key={way} className="text-xs text-muted">
          {t(way === "stream" && index === 0 && shownWays.length > 1 ? "way.streamRoom" : `way.${way}`)}
        </p>
      ))}
      {transfer === undefined ? null : <SavedNote transfer={transfer} />}
    </div>
  );
}

interface DownloadButtonProps {
  fileId: FileId;
  name: string;
  look: ButtonLook;
  isReady: boolean;
}

function DownloadButton({ fileId, name, look, isReady }: DownloadButtonProps) {
  const { t } = useTranslation();
  const store = useTransfersStore();
  async function start(): Promise<void> {
    const target = await chooseStore(name, pageAbilities());
    if (target.type === "picked" || target.type === "browser") store.start({ fileId, name, target });
  }
  return (
    <Button look={look} icon={<Download />} disabled={!isReady} onClick={() => void start()} className="px-6">
      {t("file.download")}
    </Button>
  );
}

/** To play it, or to look at it, while it comes. */
function WatchButton({ fileId, name }: { fileId: FileId; name: string }) {
  const { t } = useTranslation();
  const { isWatched } = usePlace();
  const { kind, inline } = mediaTypeOf(name);
  const isPlayed = kind === "video" || kind === "audio";
  if (isWatched || !(isPlayed || inline)) return null;
  return (
    <Button icon={isPlayed ? <Play /> : <Eye />} onClick={() => watchFile(fileId, name)}>
      {t(isPlayed ? "file.play" : "file.view")}
    </Button>
  );
}

/** Where no page can save anything: straight from a peer, or checked on its way through the tracker. */
function InsecureNote({ details }: { details: FileDetails | undefined }) {
  const { t } = useTranslation();
  const doors = details === undefined ? [] : doorLinks(details).slice(0, 3);
  const checked = details === undefined ? undefined : checkedLink(details);
  // A way through the tracker costs its line, so one past it comes first. Where there is none, checked is better.
  const isStraight = doors.some((door) => door.isStraight);
  const through =
    checked === undefined ? null : (
      <DoorButton
        url={checked}
        look={isStraight ? "plain" : "primary"}
        label={t("file.downloadChecked")}
        note={t("file.downloadCheckedHint")}
      />
    );
  return (
    <>
      <p className="rounded-lg bg-honey-soft px-3 py-2 text-honey-ink">{t("file.insecure")}</p>
      {isStraight ? null : through}
      {doors.map(({ peerId, peerName, url }, index) => (
        <DoorButton
          key={peerId}
          url={`${url}?download`}
          look={index === 0 && (isStraight || checked === undefined) ? "primary" : "plain"}
          label={t("file.downloadFrom", { name: displayName(peerName) })}
        />
      ))}
      {isStraight ? through : null}
    </>
  );
}

/** A link that the browser's own downloads take over. */
function DoorButton(props: { url: string; look: ButtonLook; label: string; note?: string }) {
  const { url, look, label, note } = props;
  return (
    <div className="flex flex-col gap-1.5">
      <a href={url} className={buttonClass(look)}>
        <Download aria-hidden="true" />
        <span className="truncate">{label}</span>
      </a>
      {note === undefined ? null : <p className="text-xs text-muted">{note}</p>}
    </div>
  );
}

function SavedNote({ transfer: { phase, target, length, isWhole } }: { transfer: Transfer }) {
  const { t } = useTranslation();
  const formats = useFormats();
  if (phase.type !== "done" || !isWhole) return null;
  return (
    <p className="text-muted wrap-anywhere">
      {target.type === "picked"
        ? t("transfer.savedPicked", { name: displayName(target.handle.name) })
        : t("transfer.savedBrowser", { bytes: formats.bytes(length) })}
    </p>
  );
}
