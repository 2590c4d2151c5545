import { type FileId, fileIdLength, type MediaKind, pieceCountFor } from "@panal/sdk/content";
import { useTranslation } from "react-i18next";
import { filePath } from "../../app/route.ts";
import { KindIcon } from "../../ui/kind-icon.tsx";
import { LinkButtons } from "../../ui/link-buttons.tsx";
import { useFormats } from "../../ui/use-formats.ts";

/** Kind, size and pieces, and its link, in one line. */
export function FileFacts({ fileId, kind }: { fileId: FileId; kind: MediaKind }) {
  const { t } = useTranslation();
  const formats = useFormats();
  const length = fileIdLength(fileId);
  const pieces = pieceCountFor(length);
  return (
    <div className="flex items-center gap-x-1 text-muted tabular">
      <p className="flex min-w-0 flex-1 flex-wrap items-center gap-x-1.5">
        <KindIcon kind={kind} />
        <span>{t(`kind.${kind}`)}</span>
        <span aria-hidden="true">·</span>
        <span title={`${formats.count(length)} B`}>{formats.bytes(length)}</span>
        {pieces === 0 ? null : (
          <>
            <span aria-hidden="true">·</span>
            <span title={t("file.piecesHint")}>
              {t("file.pieces", { count: pieces, formatted: formats.count(pieces) })}
            </span>
          </>
        )}
      </p>
      <span className="-mr-2">
        <LinkButtons path={filePath(fileId)} label={t("file.copyLink")} />
      </span>
    </div>
  );
}
