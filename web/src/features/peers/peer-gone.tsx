import { UserX } from "lucide-react";
import { useTranslation } from "react-i18next";
import { AppLink } from "../../ui/app-link.tsx";
import { buttonClass } from "../../ui/button.tsx";
import { EmptyState } from "../../ui/empty-state.tsx";
import { GonePeerUploads, useLeftUploads } from "../uploads/index.ts";

/** In the place of a peer that isn't there any more; with what is being sent to it, should it come back. */
export function PeerGone({ peerId }: { peerId: string }) {
  const { t } = useTranslation();
  const left = useLeftUploads(peerId);
  if (left === undefined) {
    return (
      <EmptyState
        isPage
        icon={<UserX />}
        title={t("peers.gone")}
        hint={t("peers.goneHint")}
        action={
          <AppLink href="/p" className={buttonClass("primary")}>
            {t("peers.title")}
          </AppLink>
        }
      />
    );
  }
  return (
    <div className="min-h-0 flex-1 overflow-y-auto">
      <header className="border-b border-line px-4 pt-3 pb-2.5">
        <h1 className="text-lg font-semibold">{t("peers.gone")}</h1>
        <p className="text-sm text-muted">{t("upload.goneHint")}</p>
      </header>
      <GonePeerUploads {...left} />
    </div>
  );
}
