import { type FileId, fileIdLength, type MediaKind, pieceCountFor } from "@panal/sdk/content";
import { useTranslation } from "react-i18next";
import { KindIcon } from "../../ui/kind-icon.tsx";
import { useFormats } from "../../ui/use-formats.ts";

/** Kind, size and pieces, in one line. */
export function FileFacts({ fileId, kind }: { fileId: FileId; kind: MediaKind }) {
  const { t } = useTranslation();
  const formats = useFormats();
  const length = fileIdLength(fileId);
  const pieces = pieceCountFor(length);
  return (
    <p className="flex flex-wrap items-center gap-x-2 text-muted tabular">
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
  );
}
