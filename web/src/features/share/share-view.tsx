import { useTranslation } from "react-i18next";
import { LinkButtons } from "../../ui/link-buttons.tsx";
import { PageHeader } from "../../ui/page-header.tsx";
import { CommandShare } from "./command-share.tsx";
import { TabShare } from "./tab-share.tsx";
import { useFileDrop } from "./use-file-drop.ts";
import { usePeerName } from "./use-peer-name.ts";
import { shareOfThisTab } from "./this-tab.ts";

/** How files get shared: from this tab, or with one command on the computer they are on. */
export function ShareView() {
  const { t } = useTranslation();
  const [peerName, setPeerName] = usePeerName();
  const { isOver, handlers } = useFileDrop((roots) => void shareOfThisTab().add(roots, peerName));

  return (
    <div className="flex min-h-0 flex-1 flex-col" {...handlers}>
      <PageHeader title={t("share.title")}>
        <LinkButtons path="/" label={t("peers.copyTracker")} />
      </PageHeader>
      <div className="min-h-0 flex-1 overflow-y-auto px-4 py-6">
        <div className="flex max-w-2xl flex-col gap-10">
          <TabShare isOver={isOver} peerName={peerName} onPeerName={setPeerName} />
          <CommandShare />
        </div>
      </div>
    </div>
  );
}
