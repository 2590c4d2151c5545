import { useTranslation } from "react-i18next";
import { Unfinished } from "./unfinished.tsx";
import { UploadRow } from "./upload-row.tsx";
import type { LeftUploads } from "./use-left-uploads.ts";

/** What is being sent to a peer that is gone: it waits there, and can be paused or thrown away. */
export function GonePeerUploads({ uploads, kept }: LeftUploads) {
  const { t } = useTranslation();
  return (
    <div className="flex max-w-2xl flex-col gap-5 px-4 py-5">
      <Unfinished kept={kept} peer={undefined} />
      {uploads.length === 0 ? null : (
        <ul aria-label={t("upload.list")} className="flex flex-col divide-y divide-line border-y border-line">
          {uploads.toReversed().map((upload) => (
            <UploadRow key={upload.id} upload={upload} peer={undefined} />
          ))}
        </ul>
      )}
    </div>
  );
}
