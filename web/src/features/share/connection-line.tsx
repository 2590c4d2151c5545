import { displayName } from "@panal/sdk/content";
import { useTranslation } from "react-i18next";
import { peerPath } from "../../app/route.ts";
import type { SharingState } from "../../sharing/sharing-api.ts";
import { AppLink } from "../../ui/app-link.tsx";

/** Whether others find it, and if they don't, why. */
export function ConnectionLine({ sharing: { connection } }: { sharing: SharingState }) {
  const { t } = useTranslation();
  switch (connection.type) {
    case "sharing":
      return (
        <Line state="sharing" look="text-verified-ink">
          {t("share.isShared")}{" "}
          <AppLink href={peerPath(connection.peerId)} className="underline">
            {t("share.seeAsOthers")}
          </AppLink>
        </Line>
      );
    case "away":
      return (
        <Line state="away" look="text-honey-ink">
          {t("share.away", { why: displayName(connection.message) })}
        </Line>
      );
    case "impossible":
      return (
        <Line state="impossible" look="text-failed-ink">
          {t(connection.why === "no-relay" ? "share.noRelay" : "share.replaced")}
        </Line>
      );
    case "off":
    case "connecting":
      return (
        <Line state="connecting" look="text-muted">
          {t("share.connecting")}
        </Line>
      );
  }
}

function Line({ state, look, children }: { state: string; look: string; children: React.ReactNode }) {
  return (
    <p
      role="status"
      data-testid="share-state"
      data-state={state}
      className={`min-w-0 flex-1 basis-64 py-2 font-medium wrap-anywhere ${look}`}
    >
      {children}
    </p>
  );
}
