import { PanalError, type Peer } from "@panal/sdk";
import { useTranslation } from "react-i18next";
import { useFormats } from "../../ui/use-formats.ts";
import { routeKey } from "./route-key.ts";
import { StateLine } from "./state-line.tsx";
import { useReach } from "./use-reach.ts";

/** Whether this browser gets through to a peer, found out by asking it. */
export function Reachability({ peer }: { peer: Pick<Peer, "peerId" | "endpoints"> }) {
  const { t } = useTranslation();
  const formats = useFormats();
  const reach = useReach(peer);
  if (reach.isPending) return <StateLine look="pending" text={t("peers.checking")} />;
  if (reach.isError) {
    const { code, message } = PanalError.from(reach.error);
    return (
      <StateLine look="bad" text={`${t("peers.unreachable")}. ${t(`error.${code}`)}`} detail={message} />
    );
  }
  const { route, ms } = reach.data;
  const text = t("peers.reachable", { route: t(routeKey(route)), ms: formats.milliseconds(ms) });
  return <StateLine look="good" text={text} />;
}
