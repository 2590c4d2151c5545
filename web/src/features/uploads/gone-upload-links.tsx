import { displayName } from "@panal/sdk/content";
import { Upload } from "lucide-react";
import { useTranslation } from "react-i18next";
import { uploadPath } from "../../app/route.ts";
import { AppLink } from "../../ui/app-link.tsx";
import { useFormats } from "../../ui/use-formats.ts";
import { isThrough } from "./upload-state.ts";
import { useUploads } from "./use-uploads.ts";

const SHOWN_NAMES = 3;

/** The ways to what waits for peers that are in no list any more: nothing else leads there. */
export function GoneUploadLinks({ listed }: { listed: readonly { peerId: string }[] }) {
  const { t } = useTranslation();
  const formats = useFormats();
  const { uploads, kept } = useUploads();
  const here = new Set(listed.map(({ peerId }) => peerId));
  const namesOf = new Map<string, string[]>();
  for (const { peerId, name } of [...uploads.filter((upload) => !isThrough(upload)), ...kept]) {
    if (peerId === undefined || here.has(peerId)) continue;
    namesOf.set(peerId, [...(namesOf.get(peerId) ?? []), displayName(name)]);
  }
  if (namesOf.size === 0) return null;
  return (
    <ul aria-label={t("upload.list")} className="mb-4 flex flex-col gap-2">
      {Array.from(namesOf, ([peerId, all]) => {
        const names = formats.list(all.slice(0, SHOWN_NAMES));
        const more = all.length - SHOWN_NAMES;
        return (
          <li key={peerId}>
            <AppLink
              href={uploadPath(peerId)}
              className="flex items-start gap-3 rounded-xl border border-line bg-sunken p-4 hover:border-line-strong"
            >
              <Upload className="mt-0.5 size-4 shrink-0 text-muted" strokeWidth={1.75} aria-hidden="true" />
              <span className="flex min-w-0 flex-col wrap-anywhere">
                {more > 0
                  ? t("upload.unfinishedMore", { names, count: more })
                  : t("upload.unfinished", { names })}
                <span className="text-sm text-honey-ink">{t("upload.peerIsGone")}</span>
              </span>
            </AppLink>
          </li>
        );
      })}
    </ul>
  );
}
