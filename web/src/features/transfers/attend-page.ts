import i18n from "i18next";
import { createLeaveWarning } from "../../app/warn-of-leaving.ts";
import { createFormats } from "../../ui/format.ts";
import { attendTransfers } from "./attend-transfers.ts";
import { notifyDone } from "./notify-done.ts";
import type { SavesStore } from "./saves-store.ts";
import type { TransfersStore } from "./transfers-store.ts";
import { createWakeLock } from "./wake-lock.ts";

/** While something runs: the tab's title says how far, the screen stays on, and leaving is warned of; then it is told. */
export function attendPage(stores: { transfers: TransfersStore; saves: SavesStore }): void {
  const keepAwake = createWakeLock();
  const warnOfLeaving = createLeaveWarning();
  const { title } = document;
  let formats = { language: i18n.language, ...createFormats(i18n.language) };
  attendTransfers({
    ...stores,
    onBusy(isBusy) {
      keepAwake(isBusy);
      warnOfLeaving(isBusy);
    },
    onDone: ({ name }) => notifyDone(name, i18n.t("transfer.done")),
    onProgress(fraction) {
      const { language } = i18n;
      if (formats.language !== language) formats = { language, ...createFormats(language) };
      const said = fraction === undefined ? title : `${formats.percent(fraction)} · ${title}`;
      // Several times a second mostly the same.
      if (document.title !== said) document.title = said;
    },
  });
}
