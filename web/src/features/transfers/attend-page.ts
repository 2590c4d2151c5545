import { displayName } from "@panal/sdk/content";
import i18n from "i18next";
import { createLeaveWarning } from "../../app/warn-of-leaving.ts";
import { createFormats, type Formats } from "../../ui/format.ts";
import { attendTransfers } from "./attend-transfers.ts";
import { createNarrator, type News } from "./narrate-transfers.ts";
import { notifyDone } from "./notify-done.ts";
import type { SavesStore } from "./saves-store.ts";
import type { TransfersStore } from "./transfers-store.ts";
import { createWakeLock } from "./wake-lock.ts";

/** While something runs: the tab's title says how far, the screen stays on, and leaving is warned of; then it is told, and read aloud. */
export function attendPage(stores: { transfers: TransfersStore; saves: SavesStore }): void {
  const keepAwake = createWakeLock();
  const warnOfLeaving = createLeaveWarning();
  const { title } = document;
  let formats = { language: i18n.language, ...createFormats(i18n.language) };
  const formatsNow = () => {
    const { language } = i18n;
    if (formats.language !== language) formats = { language, ...createFormats(language) };
    return formats;
  };
  const say = createVoice();
  const onLook = createNarrator({
    now: () => performance.now(),
    tell: (news) => say(news.map((each) => sentenceOf(each, formatsNow())).join(" ")),
  });
  attendTransfers({
    ...stores,
    onLook,
    onBusy(isBusy) {
      keepAwake(isBusy);
      warnOfLeaving(isBusy);
    },
    onDone: ({ name }) => notifyDone(name, i18n.t("transfer.done")),
    onProgress(fraction) {
      const said = fraction === undefined ? title : `${formatsNow().percent(fraction)} · ${title}`;
      // Several times a second mostly the same.
      if (document.title !== said) document.title = said;
    },
  });
}

/** What is put there, screen readers read aloud, whatever view is shown. */
function createVoice(): (text: string) => void {
  const place = document.createElement("div");
  place.setAttribute("role", "status");
  place.className = "sr-only";
  place.dataset["testid"] = "voice";
  document.body.append(place);
  return (text) => {
    place.textContent = text;
  };
}

function sentenceOf(news: News, formats: Pick<Formats, "count" | "percent">): string {
  if (news.type === "progress") return `${i18n.t("nav.transfers")}: ${formats.percent(news.fraction)}.`;
  const { names } = news;
  const [only = ""] = names;
  const count = names.length;
  const who =
    count === 1 ? displayName(only) : i18n.t("peers.files", { count, formatted: formats.count(count) });
  const what = () => {
    switch (news.type) {
      case "done":
        return i18n.t("transfers.saidDone");
      case "waiting":
        return i18n.t("transfer.waiting");
      case "failed":
        return `${i18n.t("transfer.failed")}. ${i18n.t(`error.${news.code}`)}`;
    }
  };
  return `${who}: ${what()}`;
}
