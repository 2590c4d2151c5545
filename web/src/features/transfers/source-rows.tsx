import { displayName } from "@panal/sdk/content";
import { useTranslation } from "react-i18next";
import { peerColour } from "../../ui/peer-colours.ts";
import { useFormats } from "../../ui/use-formats.ts";
import { routeKey } from "../peers/index.ts";
import { Sparkline } from "./sparkline.tsx";
import { fastestOf } from "./speed-history.ts";
import { isUnderWay, type Transfer, type TransferSource } from "./transfer-state.ts";

/** Who brings what: a line for each peer of a transfer. */
export function SourceRows({ transfer }: { transfer: Transfer }) {
  const { sources, verifiedBytes } = transfer;
  const isRunning = isUnderWay(transfer);
  const fastest = fastestOf(sources.map(({ speeds }) => speeds));
  const beforeBytes = verifiedBytes - sources.reduce((sum, source) => sum + source.verifiedBytes, 0);
  return (
    <ul className="divide-y divide-line">
      {sources.map((source) => (
        <SourceRow key={source.sourceId} {...{ source, isRunning, fastest }} />
      ))}
      {beforeBytes > 0 ? <BeforeRow bytes={beforeBytes} /> : null}
    </ul>
  );
}

/** What an earlier page has left. */
function BeforeRow({ bytes }: { bytes: number }) {
  const { t } = useTranslation();
  const formats = useFormats();
  return (
    <li className="flex items-start gap-3 py-2">
      <Swatch colour="var(--muted)" />
      <div className="min-w-0 flex-1 truncate text-muted">{t("transfer.before")}</div>
      <div className="tabular">{formats.bytes(bytes)}</div>
    </li>
  );
}

interface SourceRowProps {
  source: TransferSource;
  isRunning: boolean;
  /** Of all peers of the transfer, in bytes per second. */
  fastest: number;
}

function SourceRow({ source, isRunning, fastest }: SourceRowProps) {
  const { t } = useTranslation();
  const formats = useFormats();
  const trouble = useTrouble(source);
  const ways = useWays(source);
  const { wastedBytes, failures } = source;
  const inVain = wastedBytes > 0 ? t("transfer.inVain", { size: formats.bytes(wastedBytes) }) : "\u00a0";
  const isGone = source.state === "dropped" || source.state === "left";
  const colour = peerColour(source.index);
  return (
    <li
      data-testid="source-row"
      data-source-id={source.sourceId}
      data-verified-bytes={source.verifiedBytes}
      className="flex items-start gap-3 py-2"
    >
      <Swatch colour={colour} />
      <div className="min-w-0 flex-1">
        <div className={`truncate ${isGone ? "text-muted" : "font-medium"}`}>{displayName(source.name)}</div>
        <div className="text-xs text-muted wrap-anywhere" title={source.reason ?? ""}>
          {ways}
          {failures === 0
            ? null
            : ` · ${t("transfer.failures", { count: failures, formatted: formats.count(failures) })}`}
          {trouble === undefined ? null : (
            <div className={source.isLying ? "text-failed-ink" : ""}>{trouble}</div>
          )}
        </div>
      </div>
      {isRunning && !isGone ? <Sparkline speeds={source.speeds} {...{ fastest, colour }} /> : null}
      <div className="min-w-18 shrink-0 text-right tabular">
        <div>{formats.bytes(source.verifiedBytes)}</div>
        <div className="text-xs text-muted">
          {isRunning && source.bytesPerSecond > 0 ? formats.speed(source.bytesPerSecond) : inVain}
        </div>
      </div>
    </li>
  );
}

/** The colour of a peer in the comb, as a cell. */
function Swatch({ colour }: { colour: string }) {
  return (
    <svg viewBox="0 0 14 16" className="mt-0.5 h-4 w-3.5 shrink-0" aria-hidden="true">
      <path
        d="M7 .8 13.2 4.4v7.2L7 15.2.8 11.6V4.4Z"
        style={{ fill: colour }}
        className="stroke-ink/40"
        strokeWidth="1"
      />
    </svg>
  );
}

/** The way its bytes came; how many each when there were several. */
function useWays({ route, verifiedBytesBy }: TransferSource): string {
  const { t } = useTranslation();
  const formats = useFormats();
  const used = (["direct", "gateway", "relay"] as const).filter((way) => verifiedBytesBy[way] > 0);
  if (used.length === 0) return t(routeKey(route));
  if (used.length === 1) return t(routeKey(used[0]!));
  return used.map((way) => `${formats.bytes(verifiedBytesBy[way])} ${t(routeKey(way))}`).join(", ");
}

/** What is wrong with a peer, in a few words; undefined when nothing is. */
function useTrouble(source: TransferSource): string | undefined {
  const { t } = useTranslation();
  if (source.isLying) return t("transfer.sourceLying");
  switch (source.state) {
    case "failed":
      return t("transfer.sourceFailed");
    case "left":
      return t("transfer.sourceLeft");
    case "dropped":
      return t("transfer.sourceDropped", { why: t(`error.${source.droppedCode ?? "unreachable"}`) });
    default:
      return undefined;
  }
}
