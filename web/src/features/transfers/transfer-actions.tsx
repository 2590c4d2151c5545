import { ArrowDown, ArrowUp, Download, ExternalLink, Pause, Play, Save, Trash2, X } from "lucide-react";
import { useEffect, useState, useSyncExternalStore } from "react";
import { useTranslation } from "react-i18next";
import { Button, buttonClass, IconButton } from "../../ui/button.tsx";
import { CancelDialog } from "./cancel-dialog.tsx";
import { canOpen, saveKeptFile, urlOfKeptFile } from "./save-file.ts";
import { isUnderWay, type Transfer } from "./transfer-state.ts";
import { endsOfQueue } from "./transfer-queue.ts";
import { useTransfersStore } from "./use-transfers.ts";

/** What can be done with a transfer as it is now; the likeliest first. */
export function TransferActions({ transfer }: { transfer: Transfer }) {
  const { t } = useTranslation();
  const store = useTransfersStore();
  const [isAsking, setAsking] = useState(false);
  const { fileId, name, phase, target } = transfer;
  if (isUnderWay(transfer) && !transfer.isWhole) {
    return (
      <Button look="primary" icon={<Download />} onClick={() => store.start({ fileId, name, target })}>
        {t("transfer.saveWhole")}
      </Button>
    );
  }
  if (isUnderWay(transfer)) {
    return (
      <>
        {phase.type === "queued" ? <MoveButtons transfer={transfer} /> : null}
        <Button icon={<Pause />} disabled={phase.type === "stopping"} onClick={() => store.pause(fileId)}>
          {t("transfer.pause")}
        </Button>
        <Button
          look="quiet"
          icon={<X />}
          disabled={phase.type === "stopping"}
          onClick={() => setAsking(true)}
        >
          {t("transfer.cancel")}
        </Button>
        <CancelDialog transfer={transfer} isOpen={isAsking} onClose={() => setAsking(false)} />
      </>
    );
  }
  const discard = () => void store.discard(fileId);
  if (phase.type !== "done") {
    return (
      <>
        <Button look="primary" icon={<Play />} onClick={() => void store.resume(fileId)}>
          {phase.type === "failed" ? t("transfer.again") : t("transfer.resume")}
        </Button>
        <Button look="danger" icon={<Trash2 />} onClick={discard}>
          {t("transfer.discard")}
        </Button>
      </>
    );
  }
  async function save(): Promise<void> {
    // When it doesn't work, the button stays as it is.
    if (await saveKeptFile(fileId, name).catch(() => false)) store.saved(fileId);
  }
  if (target.type === "picked") {
    return (
      <Button look="plain" icon={<X />} onClick={discard}>
        {t("transfer.forget")}
      </Button>
    );
  }
  return (
    <>
      <Button look="primary" icon={<Save />} onClick={() => void save()}>
        {t(transfer.isWhole ? "transfer.saveAgain" : "transfer.save")}
      </Button>
      {canOpen(transfer.name) ? <OpenLink transfer={transfer} /> : null}
      <Button look="danger" icon={<Trash2 />} onClick={discard}>
        {t("transfer.remove")}
      </Button>
    </>
  );
}

/** In the queue: every place can be reached by buttons. */
function MoveButtons({ transfer: { fileId } }: { transfer: Transfer }) {
  const { t } = useTranslation();
  const store = useTransfersStore();
  // Answers that seldom change: a queue of hundreds isn't drawn anew with each progress.
  const isFirst = useSyncExternalStore(
    store.subscribe,
    () => endsOfQueue(store.state().transfers).first === fileId,
  );
  const isLast = useSyncExternalStore(
    store.subscribe,
    () => endsOfQueue(store.state().transfers).last === fileId,
  );
  return (
    <>
      <IconButton
        label={t("transfer.sooner")}
        icon={<ArrowUp />}
        disabled={isFirst}
        onClick={() => store.move(fileId, -1)}
      />
      <IconButton
        label={t("transfer.later")}
        icon={<ArrowDown />}
        disabled={isLast}
        onClick={() => store.move(fileId, 1)}
      />
    </>
  );
}

function OpenLink({ transfer: { fileId, name } }: { transfer: Transfer }) {
  const { t } = useTranslation();
  const [url, setUrl] = useState<string>();
  useEffect(() => {
    let isWanted = true;
    void urlOfKeptFile(fileId, name)
      .catch(() => undefined)
      .then((found) => isWanted && setUrl(found));
    return () => {
      isWanted = false;
    };
  }, [fileId, name]);
  if (url === undefined) return null;
  return (
    <a className={buttonClass("plain")} href={url} target="_blank" rel="noopener">
      <ExternalLink aria-hidden="true" />
      {t("transfer.open")}
    </a>
  );
}
