import { Bell, Gauge, Layers, Pause, Play } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Button } from "../../ui/button.tsx";
import { Choice } from "../../ui/choice.tsx";
import { useFormats } from "../../ui/use-formats.ts";
import { askToNotify, canAskToNotify } from "./notify-done.ts";
import { AT_ONCE, SPEED_LIMITS } from "./transfer-settings.ts";
import { isFetching } from "./transfer-state.ts";
import { useTransferSettings, useTransfersState, useTransfersStore } from "./use-transfers.ts";

/** For all transfers together: how many at once, how fast, and to stop or go on. */
export function TransferControls() {
  const { t } = useTranslation();
  const formats = useFormats();
  const store = useTransfersStore();
  const [settings, change] = useTransferSettings();
  const [canAsk, setCanAsk] = useState(canAskToNotify);
  const all = [...useTransfersState().transfers.values()];
  const isAnyRunning = all.some(isFetching);
  const isAnyResting = all.some(({ phase }) => phase.type === "paused" || phase.type === "failed");
  return (
    <div className="flex flex-wrap items-center gap-2 border-b border-line px-4 py-2">
      <Choice
        label={t("transfers.atOnce")}
        icon={<Layers className="left-2.5" aria-hidden="true" />}
        value={String(settings.atOnce)}
        options={AT_ONCE.toSorted((a, b) => a - b).map((count) => ({
          value: String(count),
          label: t("transfers.atOnceCount", { count }),
        }))}
        onChange={(value) => change({ ...settings, atOnce: Number(value) })}
      />
      <Choice
        label={t("transfers.speedLimit")}
        icon={<Gauge className="left-2.5" aria-hidden="true" />}
        value={String(settings.bytesPerSecond)}
        isActive={settings.bytesPerSecond > 0}
        options={SPEED_LIMITS.map((limit) => ({
          value: String(limit),
          label:
            limit === 0 ? t("transfers.noLimit") : t("transfers.atMost", { speed: formats.speed(limit) }),
        }))}
        onChange={(value) => change({ ...settings, bytesPerSecond: Number(value) })}
      />
      {isAnyRunning ? (
        <Button look="quiet" icon={<Pause />} onClick={() => store.pauseAll()}>
          {t("transfers.pauseAll")}
        </Button>
      ) : null}
      {isAnyResting ? (
        <Button look="quiet" icon={<Play />} onClick={() => void store.resumeAll()}>
          {t("transfers.resumeAll")}
        </Button>
      ) : null}
      {canAsk ? (
        <Button
          look="quiet"
          icon={<Bell />}
          onClick={() => void askToNotify().finally(() => setCanAsk(canAskToNotify()))}
        >
          {t("transfers.notify")}
        </Button>
      ) : null}
    </div>
  );
}
