import type { FileDetails } from "@panal/sdk";
import { extensionOf } from "@panal/sdk/content";
import { ExternalLink, FileQuestion, Link } from "lucide-react";
import { useTranslation } from "react-i18next";
import { buttonClass } from "../../ui/button.tsx";
import { CopyButton } from "../../ui/copy-button.tsx";
import { EmptyState } from "../../ui/empty-state.tsx";
import { doorLinks } from "../file/index.ts";

interface CannotShowProps {
  name: string;
  details: FileDetails | null | undefined;
  why: "format" | "pdf" | "kind";
}

/** What a browser can't play or show here, and what can be done instead. */
export function CannotShow({ name, details, why }: CannotShowProps) {
  const { t } = useTranslation();
  const [door] = details === null || details === undefined ? [] : doorLinks(details);
  const extension = extensionOf(name);
  const titles = {
    format: extension === "" ? t("watch.unplayable") : t("watch.unplayableOf", { extension }),
    pdf: t("watch.pdf"),
    kind: t("watch.unshown"),
  };
  const hints = { format: t("watch.unplayableHint"), pdf: t("watch.pdfHint"), kind: t("watch.unshownHint") };
  return (
    <div data-testid="cannot-show" className="flex min-h-0 flex-1 flex-col justify-center overflow-y-auto">
      <EmptyState
        isAlert
        icon={<FileQuestion />}
        title={titles[why]}
        hint={hints[why]}
        action={
          door === undefined ? undefined : why === "pdf" ? (
            <a className={buttonClass("plain")} href={door.url} target="_blank" rel="noopener noreferrer">
              <ExternalLink aria-hidden="true" />
              {t("watch.openAtPeer")}
            </a>
          ) : (
            <CopyButton text={door.url} label={t("watch.copyForPlayer")} icon={<Link />} />
          )
        }
      />
    </div>
  );
}
