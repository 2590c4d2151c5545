import type { MediaKind } from "@panal/sdk/content";
import { Archive, File, FileText, Film, Image, type LucideIcon, Music } from "lucide-react";
import { useTranslation } from "react-i18next";

const ICONS: Record<MediaKind, LucideIcon> = {
  video: Film,
  audio: Music,
  image: Image,
  document: FileText,
  archive: Archive,
  other: File,
};

/** What kind of file it is; said aloud by the row's text. */
export function KindIcon({ kind, className = "" }: { kind: MediaKind; className?: string }) {
  const { t } = useTranslation();
  const Icon = ICONS[kind];
  return (
    <span title={t(`kind.${kind}`)} className={`inline-flex shrink-0 text-muted ${className}`}>
      <Icon aria-hidden="true" className="size-4" strokeWidth={1.75} />
    </span>
  );
}
