import { displayName } from "@panal/sdk/content";
import { RotateCcw, Square } from "lucide-react";
import { useSyncExternalStore } from "react";
import { useTranslation } from "react-i18next";
import { Button } from "../../ui/button.tsx";
import { useFormats } from "../../ui/use-formats.ts";
import { Warning } from "../../ui/warning.tsx";
import { ChooseButton } from "./choose-button.tsx";
import { ConnectionLine } from "./connection-line.tsx";
import { hasPickers } from "./pick-roots.ts";
import { ReaderRows } from "./reader-rows.tsx";
import { RootRows } from "./root-rows.tsx";
import { seedSetting } from "./seed-setting.ts";
import { SeedSwitch } from "./seed-switch.tsx";
import type { ShareState, ShareStore } from "./share-store.ts";
import { shareOfThisTab } from "./this-tab.ts";
import { MAX_NAME_LENGTH } from "./use-peer-name.ts";

interface TabShareProps {
  /** Something is held over the page. */
  isOver: boolean;
  peerName: string;
  onPeerName(name: string): void;
}

/** Files shared by the page itself, for as long as it is open. */
export function TabShare({ isOver, peerName, onPeerName }: TabShareProps) {
  const { t } = useTranslation();
  const store = shareOfThisTab();
  const state = useSyncExternalStore(store.subscribe, store.state);
  const { sharing, problem } = state;
  const name = peerName.trim() === "" ? t("share.someTab") : peerName.trim();
  const isSharing = sharing.roots.length > 0;
  return (
    <section aria-labelledby="tab-share" className="flex flex-col gap-4">
      <div>
        <h2 id="tab-share" className="text-base font-semibold">
          {t("share.fromTab")}
        </h2>
        <p className="mt-1 text-muted">{t("share.fromTabLead")}</p>
      </div>
      {problem === "worker" || problem === "other-tab" ? (
        <Warning>{t(problem === "worker" ? "share.noWorker" : "share.otherTab")}</Warning>
      ) : (
        <>
          <div
            className={`flex flex-col items-start gap-4 rounded-xl border-2 border-dashed p-5 ${isOver ? "border-honey bg-honey-soft" : "border-line-strong bg-raised"}`}
          >
            <p>{t("share.drop")}</p>
            <div className="flex flex-wrap gap-2">
              <ChooseButton
                kind="file"
                isMain={state.kept.length === 0}
                onRoots={(roots) => void store.add(roots, name)}
              />
              <ChooseButton kind="folder" onRoots={(roots) => void store.add(roots, name)} />
            </div>
            <label className="flex flex-wrap items-center gap-x-3 gap-y-1 text-sm">
              {t("share.peerName")}
              <input
                value={peerName}
                maxLength={MAX_NAME_LENGTH}
                disabled={isSharing}
                placeholder={t("share.someTab")}
                onChange={(event) => onPeerName(event.target.value)}
                className="h-10 w-56 max-w-full rounded-lg border border-line-strong bg-paper px-3 disabled:text-muted"
              />
            </label>
            <SeedSwitch />
            {hasPickers() ? null : <p className="text-sm text-muted">{t("share.notKept")}</p>}
          </div>
          <Resume store={store} state={state} name={name} />
          {isSharing ? <Shared store={store} state={state} /> : null}
        </>
      )}
    </section>
  );
}

function Shared({ store, state: { sharing } }: { store: ShareStore; state: ShareState }) {
  const { t } = useTranslation();
  function stop(): void {
    // Else what was downloaded here would be shared again at once.
    if (sharing.roots.some(({ isDownload }) => isDownload)) seedSetting().change(false);
    void store.stop();
  }
  return (
    <div className="flex flex-col gap-4">
      <div className="flex flex-wrap items-start justify-between gap-3">
        <ConnectionLine sharing={sharing} />
        <Button look="danger" icon={<Square aria-hidden="true" />} onClick={stop}>
          {t("share.stopAll")}
        </Button>
      </div>
      <RootRows roots={sharing.roots} onRemove={(id) => void store.remove(id)} />
      <ReaderRows sharing={sharing} />
    </div>
  );
}

/** What an earlier page shared, again with one click. */
function Resume({ store, state, name }: { store: ShareStore; state: ShareState; name: string }) {
  const { t } = useTranslation();
  const formats = useFormats();
  const { kept, problem } = state;
  if (kept.length === 0) return null;
  const names = formats.list(kept.slice(0, 3).map(({ handle }) => displayName(handle.name)));
  const more = kept.length - 3;
  return (
    <div className="flex flex-col gap-3 rounded-xl border border-line bg-sunken p-4">
      <p className="wrap-anywhere">
        {more > 0 ? t("share.keptMore", { names, count: more }) : t("share.kept", { names })}
      </p>
      {problem === "refused" ? <Warning>{t("share.refused")}</Warning> : null}
      <div className="flex flex-wrap gap-2">
        <Button
          look="primary"
          icon={<RotateCcw aria-hidden="true" />}
          onClick={() => void store.resume(name)}
        >
          {t("share.resume")}
        </Button>
        <Button look="quiet" onClick={() => void store.forgetKept()}>
          {t("share.forget")}
        </Button>
      </div>
    </div>
  );
}
