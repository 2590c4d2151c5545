import type { Peer } from "@panal/sdk";
import { displayName } from "@panal/sdk/content";
import { HardDrive, Share2, Users } from "lucide-react";
import { useTranslation } from "react-i18next";
import { useLivePeers, usePeers } from "../../app/peers.ts";
import { peerPath } from "../../app/route.ts";
import { AppLink } from "../../ui/app-link.tsx";
import { Button, buttonClass } from "../../ui/button.tsx";
import { EmptyState } from "../../ui/empty-state.tsx";
import { LinkButtons } from "../../ui/link-buttons.tsx";
import { LoadError } from "../../ui/load-error.tsx";
import { PageHeader } from "../../ui/page-header.tsx";
import { SkeletonRows } from "../../ui/skeleton.tsx";
import { useFormats } from "../../ui/use-formats.ts";
import { GoneUploadLinks, PeerUploadsLine, Received, SendLink } from "../uploads/index.ts";
import { Reachability } from "./reachability.tsx";
import { TrackersFinding } from "./trackers-finding.tsx";
import { useReach } from "./use-reach.ts";

/** Everybody who shares something now. */
export function PeersView() {
  const { t } = useTranslation();
  const { data, error, isPending, refetch, hasNextPage, fetchNextPage } = usePeers();
  useLivePeers([["peers"]]);
  const peers = data?.pages.flatMap((page) => page.peers) ?? [];
  return (
    <div className="@container flex min-h-0 flex-1 flex-col">
      <PageHeader title={t("peers.title")}>
        <LinkButtons path="/" label={t("peers.copyTracker")} />
      </PageHeader>
      {isPending ? (
        <SkeletonRows count={4} rowClass="h-20" />
      ) : error !== null && peers.length === 0 ? (
        <LoadError error={error} onRetry={() => void refetch()} />
      ) : peers.length === 0 ? (
        <div className="min-h-0 flex-1 overflow-y-auto p-4">
          <GoneUploadLinks listed={peers} />
          <EmptyState
            icon={<Users />}
            title={t("peers.none")}
            hint={t("peers.noneHint")}
            action={
              <AppLink href="/share" className={buttonClass("primary")}>
                <Share2 aria-hidden="true" />
                {t("search.firstRunAction")}
              </AppLink>
            }
          />
        </div>
      ) : (
        <div className="min-h-0 flex-1 overflow-y-auto overscroll-contain p-4">
          <Received />
          {hasNextPage ? null : <GoneUploadLinks listed={peers} />}
          <ul className="grid grid-cols-1 gap-3 @2xl:grid-cols-2 @5xl:grid-cols-3">
            {peers.map((peer) => (
              <PeerCard key={peer.peerId} peer={peer} />
            ))}
          </ul>
          {hasNextPage ? (
            <p className="pt-4 text-center">
              <Button onClick={() => void fetchNextPage()}>{t("peers.more")}</Button>
            </p>
          ) : null}
        </div>
      )}
    </div>
  );
}

function PeerCard({ peer }: { peer: Peer }) {
  const { t } = useTranslation();
  const formats = useFormats();
  const [endpoint, ...others] = peer.endpoints;
  const { data: reach } = useReach(peer);
  return (
    <li className="relative flex flex-col gap-3 rounded-2xl border border-line bg-raised p-4 transition-colors duration-150 focus-within:border-line-strong hover:border-line-strong">
      <div className="flex items-start gap-3">
        <span className="cell -mt-0.5 inline-flex h-12 shrink-0 items-center justify-center bg-honey-soft text-honey-ink">
          <HardDrive className="size-5" strokeWidth={1.5} aria-hidden="true" />
        </span>
        <div className="min-w-0 flex-1">
          <h2 className="truncate text-base leading-tight font-semibold">
            {/* The whole card leads there; what else can be pressed lies above. */}
            <AppLink
              href={peerPath(peer.peerId)}
              className="outline-none after:absolute after:inset-0 after:rounded-2xl focus-visible:after:outline-2 focus-visible:after:outline-offset-2 focus-visible:after:outline-honey-ink"
            >
              <bdi>{displayName(peer.name)}</bdi>
            </AppLink>
          </h2>
          <p className="mt-0.5 text-muted tabular">
            {t("peers.files", { count: peer.fileCount, formatted: formats.count(peer.fileCount) })} ·{" "}
            {formats.bytes(peer.totalSize)}
          </p>
        </div>
        <span className="relative -mt-1.5 -mr-2">
          <LinkButtons path={peerPath(peer.peerId)} label={t("peers.copyLink")} />
        </span>
      </div>
      <div className="flex flex-col gap-1.5 border-t border-line pt-3 text-xs">
        <Reachability peer={peer} />
        <TrackersFinding peer={peer} />
        <p className="flex flex-wrap justify-between gap-x-3 text-muted tabular">
          <span className="min-w-0 truncate">
            {endpoint === undefined ? t("peers.noAddress") : endpoint.url.replace(/^http:\/\//, "")}
            {others.length === 0 ? "" : ` +${others.length}`}
          </span>
          <span title={formats.dateTime(peer.registeredAt)}>
            {t("peers.since", { age: formats.age(peer.registeredAt, Date.now()) })}
          </span>
        </p>
      </div>
      {reach === undefined || reach.uploads === "none" ? null : (
        <span className="relative flex items-center gap-3 self-start">
          <SendLink peerId={peer.peerId} name={displayName(peer.name)} />
          <PeerUploadsLine peerId={peer.peerId} />
        </span>
      )}
    </li>
  );
}
