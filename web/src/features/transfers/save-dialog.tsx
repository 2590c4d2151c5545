import { Dialog } from "@base-ui/react/dialog";
import { PanalError } from "@panal/sdk";
import { fileIdLength } from "@panal/sdk/content";
import { CircleAlert, FileArchive, FolderDown } from "lucide-react";
import { type ReactNode, useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { navigate } from "wouter/use-browser-location";
import { hasBrowserStorage } from "../../engine/choose-store.ts";
import type { SaveFile } from "../../engine/engine-api.ts";
import { Button } from "../../ui/button.tsx";
import { useFormats } from "../../ui/use-formats.ts";
import { ClashQuestion } from "./clash-question.tsx";
import { safeTree } from "./safe-tree.ts";
import type { Batch } from "./save-files-button.tsx";
import { type ClashAnswer, prepareTree } from "./save-tree.ts";
import { useSavesStore, useTransfersStore } from "./use-transfers.ts";

type Step =
  | { type: "collecting" }
  | { type: "choosing"; files: readonly SaveFile[] }
  | { type: "failed"; error: PanalError }
  | { type: "checking" }
  | { type: "asking"; path: string; answer(answer: ClashAnswer, isForAll: boolean): void }
  | { type: "settled"; started: number; same: number; skipped: number };

type PickFolder = (options: { mode: "readwrite" }) => Promise<FileSystemDirectoryHandle>;

/** How a batch is saved: says which ways this browser has, and why; then asks what has to be asked. */
export function SaveDialog({ batch, onClose }: { batch: Batch; onClose(): void }) {
  const { t } = useTranslation();
  const [step, setStep] = useState<Step>({ type: "collecting" });
  const saves = useSavesStore();
  const saveTree = useSaveTree(setStep);

  useEffect(() => {
    const closed = new AbortController();
    batch.collect(closed.signal).then(
      (files) => setStep({ type: "choosing", files }),
      (error: unknown) => {
        if (!closed.signal.aborted) setStep({ type: "failed", error: PanalError.from(error) });
      },
    );
    return () => closed.abort();
    // One batch for each opening.
  }, []);

  function saveZip(files: readonly SaveFile[]): void {
    const paths = safeTree(files.map(({ path }) => path));
    const safe = files.map((file, index) => ({ ...file, path: paths[index]! }));
    void saves.start({ name: `${batch.name}.zip`, files: safe, isZip: true });
    onClose();
    navigate("/transfers");
  }

  return (
    <Dialog.Root open onOpenChange={(open) => open || onClose()}>
      <Dialog.Portal>
        <Dialog.Backdrop className="fixed inset-0 z-40 bg-black/40" />
        <Dialog.Popup className="fixed top-1/2 left-1/2 z-50 max-h-[calc(100dvh-2rem)] w-[min(32rem,calc(100vw-2rem))] -translate-x-1/2 -translate-y-1/2 overflow-y-auto rounded-2xl border border-line bg-raised p-5 shadow-sheet">
          <Dialog.Title className="text-base font-semibold wrap-anywhere">{batch.title}</Dialog.Title>
          <div aria-live="polite">
            {step.type === "collecting" ? <Note>{t("save.collecting")}</Note> : null}
            {step.type === "checking" ? <Note>{t("save.checking")}</Note> : null}
            {step.type === "failed" ? (
              <p role="alert" className="mt-3 flex gap-2 text-failed-ink">
                <CircleAlert className="mt-0.5 size-4 shrink-0" aria-hidden="true" />
                {t(step.error.code === "too-large" ? "save.tooMany" : `error.${step.error.code}`)}
              </p>
            ) : null}
            {step.type === "settled" ? <Outcome {...step} /> : null}
          </div>
          {step.type === "choosing" ? (
            <Ways files={step.files} onZip={saveZip} onTree={(pick) => void saveTree(step.files, pick)} />
          ) : null}
          {step.type === "asking" ? <ClashQuestion {...step} /> : null}
          <div className="mt-5 flex flex-wrap justify-end gap-2">
            {step.type === "settled" && step.started > 0 ? (
              <Button
                look="primary"
                onClick={() => {
                  onClose();
                  navigate("/transfers");
                }}
              >
                {t("save.show")}
              </Button>
            ) : null}
            <Button onClick={onClose}>
              {t(step.type === "settled" ? "common.close" : "transfer.cancel")}
            </Button>
          </div>
        </Dialog.Popup>
      </Dialog.Portal>
    </Dialog.Root>
  );
}

function Note({ children }: { children: ReactNode }) {
  return <p className="mt-3 text-muted">{children}</p>;
}

interface WaysProps {
  files: readonly SaveFile[];
  onTree(pick: PickFolder): void;
  onZip(files: readonly SaveFile[]): void;
}

function Ways({ files, onTree, onZip }: WaysProps) {
  const { t } = useTranslation();
  const formats = useFormats();
  const pick = (window as Window & { showDirectoryPicker?: PickFolder }).showDirectoryPicker?.bind(window);
  const bytes = files.reduce((sum, { fileId }) => sum + fileIdLength(fileId), 0);
  const isSecure = hasBrowserStorage();
  return (
    <>
      <Note>
        {t("peers.files", { count: files.length, formatted: formats.count(files.length) })} ·{" "}
        {formats.bytes(bytes)}
      </Note>
      {files.length > 0 && isSecure ? (
        <div className="mt-4 flex flex-col gap-4">
          {pick === undefined ? null : (
            <Way why={t("save.treeWhy")}>
              <Button look="primary" icon={<FolderDown />} onClick={() => onTree(pick)}>
                {t("save.tree")}
              </Button>
            </Way>
          )}
          <Way why={t(pick === undefined ? "save.zipOnlyWhy" : "save.zipWhy")}>
            <Button
              look={pick === undefined ? "primary" : "plain"}
              icon={<FileArchive />}
              onClick={() => onZip(files)}
            >
              {t("save.zip")}
            </Button>
          </Way>
        </div>
      ) : null}
      {isSecure ? null : <Note>{t("save.insecure")}</Note>}
    </>
  );
}

function Way({ why, children }: { why: string; children: ReactNode }) {
  return (
    <div className="flex flex-col items-start gap-1.5">
      {children}
      <p className="text-muted">{why}</p>
    </div>
  );
}

function Outcome({ started, same, skipped }: { started: number; same: number; skipped: number }) {
  const { t } = useTranslation();
  const formats = useFormats();
  const counts = { started, same, skipped };
  return (
    <ul className="mt-3 flex flex-col gap-1 text-muted">
      {(["started", "same", "skipped"] as const)
        .filter((name) => counts[name] > 0 || name === "started")
        .map((name) => (
          <li key={name}>
            {t(`save.${name}`, { count: counts[name], formatted: formats.count(counts[name]) })}
          </li>
        ))}
    </ul>
  );
}

/** Into a folder somebody picks; from a click. */
function useSaveTree(setStep: (step: Step) => void) {
  const transfers = useTransfersStore();
  const { isSame } = useSavesStore();
  return async (files: readonly SaveFile[], pick: PickFolder): Promise<void> => {
    let remembered: ClashAnswer | undefined;
    const ask = (path: string) =>
      remembered !== undefined
        ? Promise.resolve(remembered)
        : new Promise<ClashAnswer>((resolve) =>
            setStep({
              type: "asking",
              path,
              answer(answer, isForAll) {
                if (isForAll) remembered = answer;
                setStep({ type: "checking" });
                resolve(answer);
              },
            }),
          );
    try {
      const folder = await pick({ mode: "readwrite" });
      setStep({ type: "checking" });
      const tree = await prepareTree(files, {
        folder,
        ask,
        isSame,
        async isOurs(fileId, handle) {
          const known = transfers.state().transfers.get(fileId);
          if (known?.target.type !== "picked" || known.phase.type === "done") return false;
          return known.target.handle.isSameEntry(handle);
        },
      });
      transfers.startAll(
        tree.files.map(({ fileId, name, handle, copies }) => ({
          fileId,
          name,
          target: { type: "picked", handle, copies },
        })),
      );
      const { sameCount: same, skippedCount: skipped } = tree;
      const started = tree.files.reduce((sum, { copies }) => sum + 1 + copies.length, 0);
      setStep({ type: "settled", started, same, skipped });
    } catch (error) {
      const wasClosed = error instanceof Error && error.name === "AbortError";
      if (wasClosed) setStep({ type: "choosing", files });
      else setStep({ type: "failed", error: PanalError.from(error) });
    }
  };
}
