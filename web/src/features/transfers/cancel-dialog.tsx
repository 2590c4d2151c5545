import { AlertDialog } from "@base-ui/react/alert-dialog";
import { displayName } from "@panal/sdk/content";
import { useTranslation } from "react-i18next";
import { Button } from "../../ui/button.tsx";
import { useFormats } from "../../ui/use-formats.ts";
import type { Transfer } from "./transfer-state.ts";
import { useTransfersStore } from "./use-transfers.ts";

interface CancelDialogProps {
  transfer: Transfer;
  isOpen: boolean;
  onClose(): void;
}

/** Stopping keeps what is there, unless one says otherwise. */
export function CancelDialog({ transfer, isOpen, onClose }: CancelDialogProps) {
  const { t } = useTranslation();
  const formats = useFormats();
  const store = useTransfersStore();
  const { fileId, name, verifiedBytes } = transfer;
  const end = (action: () => void) => () => {
    action();
    onClose();
  };
  return (
    <AlertDialog.Root open={isOpen} onOpenChange={(open) => open || onClose()}>
      <AlertDialog.Portal>
        <AlertDialog.Backdrop className="fixed inset-0 z-40 bg-black/40" />
        <AlertDialog.Popup className="fixed top-1/2 left-1/2 z-50 w-[min(30rem,calc(100vw-2rem))] -translate-x-1/2 -translate-y-1/2 rounded-2xl border border-line bg-raised p-5 shadow-sheet">
          <AlertDialog.Title className="text-base font-semibold wrap-anywhere">
            {t("transfer.cancelTitle", { name: displayName(name) })}
          </AlertDialog.Title>
          <AlertDialog.Description className="mt-2 text-muted">
            {verifiedBytes === 0
              ? t("transfer.cancelEmpty")
              : t("transfer.cancelText", { bytes: formats.bytes(verifiedBytes) })}
          </AlertDialog.Description>
          <div className="mt-5 flex flex-col-reverse gap-2 sm:flex-row sm:justify-end">
            <Button look="danger" onClick={end(() => void store.discard(fileId))}>
              {t("transfer.discard")}
            </Button>
            <Button onClick={end(() => store.pause(fileId))}>{t("transfer.keep")}</Button>
            <Button look="primary" onClick={onClose}>
              {t("transfer.goOn")}
            </Button>
          </div>
        </AlertDialog.Popup>
      </AlertDialog.Portal>
    </AlertDialog.Root>
  );
}
