import type { Peer } from "@panal/sdk";
import { displayName } from "@panal/sdk/content";
import { useTranslation } from "react-i18next";
import { StateLine } from "./state-line.tsx";

type Found = Pick<Peer, "endpoints" | "reachable" | "reachableReason">;

/** Whether the tracker found the peer where it says it is; trackers that don't look say nothing. */
export function TrackersFinding({ peer }: { peer: Found }) {
  const { t } = useTranslation();
  const { reachable, reachableReason = "" } = peer;
  switch (reachable) {
    case undefined:
      return null;
    case "yes":
      return <StateLine look="good" text={t("peers.trackerReaches")} />;
    case "no":
      return <StateLine look="bad" text={t("peers.trackerDoesnt")} detail={displayName(reachableReason)} />;
    case "unknown":
      // A tab, which isn't anywhere: there is nothing to try.
      if (peer.endpoints.every(({ route }) => route === "relay")) return null;
      return <StateLine look="pending" text={t("peers.trackerUnsure")} />;
  }
}
