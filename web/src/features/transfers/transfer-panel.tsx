import { displayName } from "@panal/sdk/content";
import { CircleAlert, CircleCheck } from "lucide-react";
import { useTranslation } from "react-i18next";
import { useFormats } from "../../ui/use-formats.ts";
import { CombView } from "./comb-view.tsx";
import { ProgressBar } from "./progress-bar.tsx";
import { SpeedChart } from "./speed-chart.tsx";
import { isUnderWay, type Transfer } from "./transfer-state.ts";

/** How a transfer goes: state, figures, comb, and what one should know about its peers. */
export function TransferPanel({ transfer }: { transfer: Transfer }) {
  const { t } = useTranslation();
  const { board, sources } = transfer;
  const liars = sources.filter(({ isLying }) => isLying);
  return (
    <section aria-label={t("nav.transfers")} className="mt-5 flex flex-col gap-3">
      <StateLine transfer={transfer} />
      <ProgressBar transfer={transfer} />
      <Figures transfer={transfer} />
      {board === undefined || board.pieceCount === 0 ? null : (
        <CombView board={board} version={board.version} sources={sources} />
      )}
      {isUnderWay(transfer) ? <SpeedChart speeds={transfer.speeds} /> : null}
      <TextTwin transfer={transfer} />
      {liars.map((liar) => (
        <p
          key={liar.sourceId}
          data-testid="liar"
          role="alert"
          className="flex gap-2 rounded-lg bg-failed-soft px-3 py-2 text-failed-ink"
        >
          <CircleAlert className="mt-0.5 size-4 shrink-0" aria-hidden="true" />
          <span className="wrap-anywhere">{t("transfer.liar", { name: displayName(liar.name) })}</span>
        </p>
      ))}
      <Replacement transfer={transfer} />
    </section>
  );
}

function StateLine({ transfer }: { transfer: Transfer }) {
  const { t } = useTranslation();
  const { phase } = transfer;
  const isWatchedOnly = phase.type === "running" && !transfer.isWhole;
  const looks = {
    queued: "text-muted",
    starting: "text-muted",
    running: "text-ink",
    waiting: "text-honey-ink",
    stopping: "text-muted",
    paused: "text-muted",
    done: "text-verified-ink",
    failed: "text-failed-ink",
  } as const;
  return (
    <p
      data-testid="transfer-state"
      data-state={["starting", "stopping"].includes(phase.type) ? "running" : phase.type}
      className={`flex items-start gap-2 font-medium ${looks[phase.type]}`}
    >
      {phase.type === "done" ? (
        <CircleCheck className="mt-px size-[1.125rem] shrink-0" aria-hidden="true" />
      ) : null}
      {phase.type === "failed" ? (
        <CircleAlert className="mt-px size-[1.125rem] shrink-0" aria-hidden="true" />
      ) : null}
      <span title={phase.type === "failed" ? phase.message : undefined}>
        {phase.type === "failed"
          ? `${t("transfer.failed")}. ${t(`error.${phase.code}`)}`
          : t(isWatchedOnly ? "transfer.watching" : `transfer.${phase.type}`)}
      </span>
    </p>
  );
}

function Figures({ transfer }: { transfer: Transfer }) {
  const { t } = useTranslation();
  const formats = useFormats();
  const { length, verifiedBytes, bytesPerSecond, secondsLeft, phase } = transfer;
  if (phase.type === "done") return null;
  const percent = formats.percent(length === 0 ? 0 : verifiedBytes / length);
  const isMoving = isUnderWay(transfer) && bytesPerSecond > 0;
  return (
    <dl className="flex flex-wrap items-baseline justify-between gap-x-4 tabular">
      <div>
        <dt className="sr-only">{t("transfer.verified", { percent })}</dt>
        <dd>
          <span className="text-lg font-semibold">{percent}</span>{" "}
          <span className="text-muted">
            {t("transfer.ofTotal", { done: formats.bytes(verifiedBytes), total: formats.bytes(length) })}
          </span>
        </dd>
      </div>
      {isMoving ? (
        <div className="text-muted">
          <dd>
            {formats.speed(bytesPerSecond)}
            {secondsLeft === undefined || !transfer.isWhole
              ? ""
              : ` · ${t("transfer.left", { duration: formats.duration(secondsLeft) })}`}
          </dd>
        </div>
      ) : null}
    </dl>
  );
}

/** "Ana stopped answering. Going on with Bea." */
function Replacement({ transfer }: { transfer: Transfer }) {
  const { t } = useTranslation();
  const formats = useFormats();
  if (transfer.phase.type !== "running") return null;
  const silent = transfer.sources.filter(
    ({ state, isLying }) => !isLying && (state === "failed" || state === "left" || state === "dropped"),
  );
  const others = transfer.sources.filter(({ state }) => state === "active" || state === "idle");
  if (silent.length === 0 || others.length === 0) return null;
  const names = (list: typeof silent) => formats.list(list.map(({ name }) => displayName(name)));
  return (
    <p role="status" className="text-muted wrap-anywhere">
      {t("transfer.stoppedOne", { name: names(silent), others: names(others) })}
    </p>
  );
}

/** What the comb shows, for ears that ask; what is to be said unasked says the page (`narrate-transfers.ts`). */
function TextTwin({ transfer }: { transfer: Transfer }) {
  const { t } = useTranslation();
  const formats = useFormats();
  const { length, verifiedBytes, sources, phase } = transfer;
  const fraction = length === 0 ? Number(phase.type === "done") : verifiedBytes / length;
  const count = sources.filter((source) => source.verifiedBytes > 0).length;
  const percent = formats.percent(fraction);
  return (
    <p className="sr-only">
      {count === 0 ? t("transfer.verified", { percent }) : t("transfer.verifiedFrom", { percent, count })}
    </p>
  );
}
