import { baseName, displayName, type FileId, type MediaKind } from "@panal/sdk/content";
import type { MouseEvent, ReactNode } from "react";
import { openFile, usePlace } from "../app/place.ts";
import { filePath } from "../app/route.ts";
import { KindIcon } from "./kind-icon.tsx";
import type { RowFocus } from "./list-row.tsx";

interface FileLinkProps {
  fileId: FileId;
  /** From outside; shown inert. */
  path: string;
  kind: MediaKind;
  /** Whether the folder is shown beside the name. */
  showsFolder?: boolean;
  /** Nobody has it any more. */
  isGone?: boolean;
  /** Figures at the end of the row; in a second line on a phone. */
  figures: ReactNode;
  focus: RowFocus;
}

/** A row that opens a file beside the list. */
export function FileLink({
  fileId,
  path,
  kind,
  showsFolder = false,
  isGone = false,
  figures,
  focus,
}: FileLinkProps) {
  const { fileId: openId } = usePlace();
  const name = baseName(path);
  const folder = path.slice(0, -name.length - 1);
  const isOpen = openId === fileId;
  return (
    <a
      href={filePath(fileId)}
      onClick={(event) => onPlainClick(event, () => openFile(fileId, name))}
      aria-current={isOpen ? "true" : undefined}
      className={`flex h-full items-center gap-3 px-4 -outline-offset-2 transition-colors duration-150 ${isOpen ? "bg-honey-soft" : "group-data-selected/row:bg-honey-soft hover:bg-sunken"} ${isGone ? "opacity-50" : ""}`}
      {...focus}
    >
      {/* Where a row can be selected, its box takes this place. */}
      <KindIcon
        kind={kind}
        className="group-hover/row:opacity-0 group-has-focus-visible/row:opacity-0 group-data-selecting/row:opacity-0"
      />
      <span className="flex min-w-0 flex-1 flex-col @md:flex-row @md:items-center @md:gap-3">
        <span className="flex min-w-0 flex-1 items-baseline gap-2">
          <bdi className="min-w-0 shrink truncate">{displayName(name)}</bdi>
          {showsFolder && folder !== "" ? (
            <bdi className="hidden min-w-0 flex-1 truncate text-xs text-muted @lg:block">
              {displayName(folder)}
            </bdi>
          ) : null}
        </span>
        <span className="flex shrink-0 items-center gap-2 text-xs text-muted tabular @md:gap-4 @md:text-sm">
          {figures}
        </span>
      </span>
    </a>
  );
}

/** Runs an action instead of following a link, unless the person wants a new tab. */
export function onPlainClick(event: MouseEvent, action: () => void): void {
  if (event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
  event.preventDefault();
  action();
}
