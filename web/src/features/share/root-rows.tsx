import { displayName, mediaTypeOf } from "@panal/sdk/content";
import { Folder, X } from "lucide-react";
import { useTranslation } from "react-i18next";
import { filePath } from "../../app/route.ts";
import type { SharedRoot } from "../../sharing/sharing-api.ts";
import { AppLink } from "../../ui/app-link.tsx";
import { IconButton } from "../../ui/button.tsx";
import { KindIcon } from "../../ui/kind-icon.tsx";
import { useFormats } from "../../ui/use-formats.ts";

/** What was picked, one row each. */
export function RootRows({
  roots,
  onRemove,
}: {
  roots: readonly SharedRoot[];
  onRemove(rootId: string): void;
}) {
  const { t } = useTranslation();
  return (
    <ul aria-label={t("share.shared")} className="flex flex-col divide-y divide-line border-y border-line">
      {roots.map((root) => (
        <RootRow key={root.id} root={root} onRemove={() => onRemove(root.id)} />
      ))}
    </ul>
  );
}

function RootRow({ root, onRemove }: { root: SharedRoot; onRemove(): void }) {
  const { t } = useTranslation();
  const name = displayName(root.name);
  return (
    <li
      data-testid="share-root"
      data-phase={root.phase}
      data-hashed-bytes={root.hashedBytes}
      className="flex items-center gap-3 py-2"
    >
      {root.kind === "folder" ? (
        <Folder className="size-4 shrink-0 text-muted" strokeWidth={1.75} aria-hidden="true" />
      ) : (
        <KindIcon kind={mediaTypeOf(root.name).kind} />
      )}
      <div className="min-w-0 flex-1">
        <p className="truncate">
          {root.fileId === undefined ? (
            <bdi>{name}</bdi>
          ) : (
            <AppLink href={filePath(root.fileId)} className="hover:underline">
              <bdi>{name}</bdi>
            </AppLink>
          )}
        </p>
        <RootFigures root={root} />
        {root.phase === "hashing" ? <Hashing root={root} /> : null}
      </div>
      {root.isDownload ? null : (
        <IconButton label={t("share.remove", { name })} icon={<X aria-hidden="true" />} onClick={onRemove} />
      )}
    </li>
  );
}

function RootFigures({ root }: { root: SharedRoot }) {
  const { t } = useTranslation();
  const formats = useFormats();
  const { phase, fileCount, totalBytes, failedCount, error } = root;
  if (phase === "failed") {
    return (
      <p className="text-sm wrap-anywhere text-failed-ink">
        {t("share.failed", { why: displayName(error?.message ?? "") })}
      </p>
    );
  }
  const files = t("share.files", { count: fileCount, formatted: formats.count(fileCount) });
  const size = formats.bytes(totalBytes);
  return (
    <p className="text-sm text-muted tabular">
      {phase === "waiting" ? t("share.waiting") : root.kind === "folder" ? `${files}, ${size}` : size}
      {root.isDownload ? ` · ${t(root.isGrowing ? "share.growing" : "share.downloaded")}` : null}
      {failedCount > 0 ? (
        <span className="text-failed-ink">
          {" · "}
          {t("share.failedFiles", { count: failedCount, formatted: formats.count(failedCount) })}
        </span>
      ) : null}
    </p>
  );
}

function Hashing({ root: { name, hashedBytes, knownBytes, totalBytes } }: { root: SharedRoot }) {
  const { t } = useTranslation();
  const fraction = totalBytes === 0 ? 0 : Math.min(1, (hashedBytes + knownBytes) / totalBytes);
  return (
    <div
      role="progressbar"
      aria-label={t("share.hashing", { name: displayName(name) })}
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={Math.floor(fraction * 100)}
      className="mt-1 h-1 overflow-hidden rounded-full bg-line"
    >
      <div className="h-full rounded-full bg-honey" style={{ width: `${fraction * 100}%` }} />
    </div>
  );
}
