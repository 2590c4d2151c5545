import { PanalError, type Peer } from "@panal/sdk";
import { useTranslation } from "react-i18next";
import { useFormats } from "../../ui/use-formats.ts";
import { routeKey } from "./route-key.ts";
import { useReach } from "./use-reach.ts";

/** Whether this browser gets through to a peer, found out by asking it. */
export function Reachability({ peer }: { peer: Pick<Peer, "peerId" | "endpoints"> }) {
  const { t } = useTranslation();
  const formats = useFormats();
  const reach = useReach(peer);
  if (reach.isPending) return <Line look="bg-line-strong" text={t("peers.checking")} />;
  if (reach.isError) {
    const { code, message } = PanalError.from(reach.error);
    return (
      <Line look="bg-failed-ink" text={`${t("peers.unreachable")}. ${t(`error.${code}`)}`} title={message} />
    );
  }
  const { route, ms } = reach.data;
  const text = t("peers.reachable", { route: t(routeKey(route)), ms: formats.milliseconds(ms) });
  return <Line look="bg-verified-ink" text={text} />;
}

function Line({ look, text, title }: { look: string; text: string; title?: string }) {
  return (
    <span className="inline-flex items-baseline gap-2 text-muted tabular" title={title}>
      <span className={`inline-block size-2 shrink-0 self-center rounded-full ${look}`} aria-hidden="true" />
      {text}
    </span>
  );
}
