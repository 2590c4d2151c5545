import { useEffect, useSyncExternalStore } from "react";
import { useTranslation } from "react-i18next";
import { hasBrowserStorage } from "../../engine/choose-store.ts";
import { useTransfersStore } from "../transfers/index.ts";
import { seedSetting } from "./seed-setting.ts";
import { startSeeding } from "./seeding.ts";

/** Whether others get what was downloaded here. */
export function SeedSwitch() {
  const { t } = useTranslation();
  const transfers = useTransfersStore();
  const setting = seedSetting();
  const state = useSyncExternalStore(setting.subscribe, setting.state);
  useEffect(() => {
    if (state === "on") startSeeding(transfers);
  }, [state, transfers]);
  // Nothing can be downloaded into such a page.
  if (!hasBrowserStorage()) return null;
  return (
    <div className="text-sm">
      <label className="flex min-h-10 cursor-pointer items-center gap-3">
        <input
          type="checkbox"
          role="switch"
          checked={state === "on"}
          aria-describedby="seed-note"
          onChange={({ target }) => setting.change(target.checked)}
          className="size-4 shrink-0 accent-honey"
        />
        {t("share.seed")}
      </label>
      <p id="seed-note" className="pl-7 text-muted">
        {t(state === "metered" ? "share.seedMetered" : "share.seedNote")}
      </p>
    </div>
  );
}
