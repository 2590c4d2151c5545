import { Upload } from "lucide-react";
import { useTranslation } from "react-i18next";
import { uploadPath } from "../../app/route.ts";
import { AppLink } from "../../ui/app-link.tsx";
import { buttonClass } from "../../ui/button.tsx";

/** The way to where files are sent to a peer; `name` is its own, ready to be shown. */
export function SendLink({
  peerId,
  name,
  isCompact = false,
}: {
  peerId: string;
  name: string;
  isCompact?: boolean;
}) {
  const { t } = useTranslation();
  return (
    <AppLink
      href={uploadPath(peerId)}
      className={buttonClass("plain")}
      title={t("upload.sendTo", { name })}
      aria-label={t("upload.sendTo", { name })}
    >
      <Upload aria-hidden="true" />
      {/* A phone has room for the peer's name or for these words. */}
      <span className={isCompact ? "max-sm:sr-only" : ""}>{t("upload.send")}</span>
    </AppLink>
  );
}
