import type { FileRow } from "@panal/sdk/tracker";
import { useTranslation } from "react-i18next";
import { FileLink } from "../../ui/file-link.tsx";
import { useFormats } from "../../ui/use-formats.ts";
import type { RowFocus } from "../../ui/list-row.tsx";
import { Selectable } from "./selectable.tsx";

interface FoundProps {
  file: FileRow;
  /** Nobody has it any more. */
  isGone: boolean;
  focus: RowFocus;
}

/** A file in the list. */
export function FoundRow({ file, isGone, focus }: FoundProps) {
  const { t } = useTranslation();
  const formats = useFormats();
  return (
    <Selectable file={file} focus={focus} boxClass="inset-y-0 left-0 w-12">
      <FileLink
        fileId={file.fileId}
        path={file.path}
        kind={file.kind}
        showsFolder
        isGone={isGone}
        focus={focus}
        figures={
          <>
            <span className="whitespace-nowrap @md:w-20 @md:text-right">{formats.bytes(file.size)}</span>
            <span className="whitespace-nowrap @md:w-20 @md:text-right">
              {isGone ? t("row.gone") : t("row.peers", { count: file.peerCount })}
            </span>
            <span
              className="@lg:w-24 @lg:text-right @max-lg:@md:hidden"
              // Written out for who points at it, and not for each row that is drawn.
              onPointerEnter={({ currentTarget }) => (currentTarget.title = formats.dateTime(file.mtime))}
            >
              {formats.age(file.mtime, Date.now())}
            </span>
          </>
        }
      />
    </Selectable>
  );
}
