import { baseName, displayName, extensionOf } from "@panal/sdk/content";
import type { FileRow } from "@panal/sdk/tracker";
import { Play } from "lucide-react";
import { useTranslation } from "react-i18next";
import { openFile, usePlace } from "../../app/place.ts";
import { filePath } from "../../app/route.ts";
import { onPlainClick } from "../../ui/file-link.tsx";
import { KindIcon } from "../../ui/kind-icon.tsx";
import { useFormats } from "../../ui/use-formats.ts";
import type { RowFocus } from "../../ui/list-row.tsx";
import { Selectable } from "./selectable.tsx";
import { useThumbnail } from "./use-thumbnail.ts";

export const TILE_MIN_WIDTH_PX = 150;
export const TILE_HEIGHT_PX = 188;
/** What people call an extension; a longer one is part of a name. */
const MAX_EXTENSION = 5;

/** On a poster: that it is a film, and no picture. */
function FilmSign() {
  return (
    <span className="cell absolute right-1.5 bottom-1.5 inline-flex h-7 items-center justify-center bg-black/65 text-white">
      <Play className="size-3 fill-current" aria-hidden="true" />
    </span>
  );
}

/** A file in the grid. */
export function FileTile({ file, isGone, focus }: { file: FileRow; isGone: boolean; focus: RowFocus }) {
  const { t } = useTranslation();
  const formats = useFormats();
  const { fileId: openId } = usePlace();
  const name = baseName(file.path);
  const extension = extensionOf(name);
  const isOpen = openId === file.fileId;
  const thumbnail = useThumbnail(file.fileId, name);
  return (
    <Selectable
      file={file}
      focus={focus}
      boxClass="top-3 left-3 size-8 rounded-lg border border-line bg-raised"
    >
      <a
        href={filePath(file.fileId)}
        onClick={(event) => onPlainClick(event, () => openFile(file.fileId, name))}
        aria-current={isOpen ? "true" : undefined}
        className={`m-1.5 flex h-[calc(100%-0.75rem)] flex-col overflow-hidden rounded-xl border bg-raised transition-colors duration-150 ${isOpen ? "border-honey bg-honey-soft" : "border-line group-data-selected/row:border-honey group-data-selected/row:bg-honey-soft hover:border-line-strong"} ${isGone ? "opacity-50" : ""}`}
        {...focus}
      >
        <span className="relative flex min-h-0 flex-1 items-center justify-center border-b border-line bg-sunken">
          <KindIcon
            kind={file.kind}
            className="cell h-18 items-center justify-center bg-raised [&_svg]:size-7 [&_svg]:stroke-[1.25]"
          />
          {thumbnail === undefined ? null : (
            // The name below says what it is.
            <img src={thumbnail} alt="" className="motion-rise absolute inset-0 size-full object-cover" />
          )}
          {thumbnail !== undefined && file.kind === "video" ? <FilmSign /> : null}
          {thumbnail !== undefined || extension === "" || extension.length > MAX_EXTENSION ? null : (
            <span className="absolute right-2 bottom-1.5 text-[0.6875rem] font-medium tracking-wide text-muted uppercase">
              {displayName(extension)}
            </span>
          )}
        </span>
        <span className="flex flex-col gap-1 px-2.5 pt-2 pb-2">
          <bdi
            className="line-clamp-2 h-[2.6em] text-xs leading-[1.3] font-medium wrap-anywhere"
            title={displayName(name)}
          >
            {displayName(name)}
          </bdi>
          <span className="flex justify-between gap-2 text-[0.6875rem] text-muted tabular">
            <span>{formats.bytes(file.size)}</span>
            <span>{isGone ? t("row.gone") : t("row.peers", { count: file.peerCount })}</span>
          </span>
        </span>
      </a>
    </Selectable>
  );
}
