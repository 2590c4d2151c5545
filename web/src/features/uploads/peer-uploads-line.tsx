import { useTranslation } from "react-i18next";
import { useFormats } from "../../ui/use-formats.ts";
import { fractionOf, isRunning } from "./upload-state.ts";
import { useUploads } from "./use-uploads.ts";

/** That something is on its way to a peer, and how far it is; nothing otherwise. */
export function PeerUploadsLine({ peerId }: { peerId: string }) {
  const { t } = useTranslation();
  const formats = useFormats();
  const running = useUploads().uploads.filter((upload) => upload.peerId === peerId && isRunning(upload));
  if (running.length === 0) return null;
  const totalBytes = running.reduce((sum, upload) => sum + upload.totalBytes, 0);
  const doneBytes = running.reduce((sum, upload) => sum + upload.doneBytes, 0);
  const percent = formats.percent(fractionOf({ doneBytes, totalBytes }));
  return (
    <span className="text-sm text-honey-ink tabular">
      {t("upload.running", { count: running.length, formatted: formats.count(running.length), percent })}
    </span>
  );
}
