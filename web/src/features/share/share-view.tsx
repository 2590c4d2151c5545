import { useState, type DragEvent } from "react";
import { useTranslation } from "react-i18next";
import { LinkButtons } from "../../ui/link-buttons.tsx";
import { PageHeader } from "../../ui/page-header.tsx";
import { CommandShare } from "./command-share.tsx";
import { rootsOfDrop } from "./pick-roots.ts";
import { TabShare } from "./tab-share.tsx";
import { usePeerName } from "./use-peer-name.ts";
import { shareOfThisTab } from "./this-tab.ts";

/** How files get shared: from this tab, or with one command on the computer they are on. */
export function ShareView() {
  const { t } = useTranslation();
  const [peerName, setPeerName] = usePeerName();
  const [isOver, setOver] = useState(false);

  function onDrag(event: DragEvent): void {
    if (!event.dataTransfer.types.includes("Files")) return;
    event.preventDefault();
    event.dataTransfer.dropEffect = "copy";
    setOver(true);
  }

  async function onDrop(event: DragEvent): Promise<void> {
    if (!event.dataTransfer.types.includes("Files")) return;
    event.preventDefault();
    setOver(false);
    const roots = await rootsOfDrop(event.dataTransfer.items);
    await shareOfThisTab().add(roots, peerName);
  }

  return (
    <div
      className="flex min-h-0 flex-1 flex-col"
      onDragOver={onDrag}
      onDragLeave={() => setOver(false)}
      onDrop={(event) => void onDrop(event)}
    >
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
