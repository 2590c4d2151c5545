import { displayName } from "@panal/sdk/content";
import { useTranslation } from "react-i18next";
import type { FileUpload, RootUpload } from "../../uploading/uploading-api.ts";
import { useFormats } from "../../ui/use-formats.ts";
import { failureText } from "./failure-text.ts";

/** The files of a folder; open by itself when there is something to be told. */
export function FileRows({ upload }: { upload: RootUpload }) {
  const { t } = useTranslation();
  const formats = useFormats();
  const { files, fileCount, name } = upload;
  if (files.length === 0) return null;
  const isTelling = files.some(({ phase, at }) => phase === "failed" || at !== undefined);
  const more = fileCount - files.length;
  return (
    <details className="text-sm" open={isTelling ? true : undefined}>
      <summary className="cursor-pointer py-1 text-muted">{t("upload.files")}</summary>
      <ul
        className="flex max-h-64 flex-col gap-1.5 overflow-y-auto py-1"
        tabIndex={0}
        aria-label={displayName(name)}
      >
        {files.map((file) => (
          <li key={file.path} data-testid="upload-file" data-phase={file.phase}>
            <p className="wrap-anywhere">
              <bdi>{displayName(file.path.slice(name.length + 1))}</bdi>
            </p>
            <FileState file={file} />
          </li>
        ))}
        {more > 0 ? (
          <li className="text-muted">
            {t("upload.moreFiles", { count: more, formatted: formats.count(more) })}
          </li>
        ) : null}
      </ul>
    </details>
  );
}

/** How one file stands. */
export function FileState({ file }: { file: FileUpload }) {
  const { t } = useTranslation();
  const formats = useFormats();
  const { phase, at, failure, waitingFor, doneBytes, size } = file;
  const path = displayName(at ?? "");
  const ofAll = t("upload.of", { done: formats.bytes(doneBytes), total: formats.bytes(size) });
  switch (phase) {
    case "waiting":
      return <Line>{t("upload.waiting")}</Line>;
    case "hashing":
      return <Line>{`${t("upload.hashing")} · ${ofAll}`}</Line>;
    case "sending":
      return waitingFor === undefined ? (
        <Line>{ofAll}</Line>
      ) : (
        <Line look="text-honey-ink">{t("upload.waitsFor", { why: displayName(waitingFor) })}</Line>
      );
    case "sent":
      return at === undefined ? (
        <Line look="text-verified-ink">{t("upload.sent")}</Line>
      ) : (
        <Line look="text-honey-ink">{t("upload.savedAs", { path })}</Line>
      );
    case "there":
      return <Line>{at === undefined ? t("upload.there") : t("upload.thereAs", { path })}</Line>;
    case "failed":
      return <Line look="text-failed-ink">{failure === undefined ? "" : failureText(t, failure)}</Line>;
  }
}

function Line({ look = "text-muted", children }: { look?: string; children: string }) {
  return <p className={`text-sm wrap-anywhere tabular ${look}`}>{children}</p>;
}
