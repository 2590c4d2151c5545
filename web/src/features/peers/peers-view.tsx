import type { Peer } from "@panal/sdk";
import { displayName } from "@panal/sdk/content";
import { HardDrive, Share2, Users } from "lucide-react";
import { useTranslation } from "react-i18next";
import { usePeers } from "../../app/peers.ts";
import { peerPath } from "../../app/route.ts";
import { AppLink } from "../../ui/app-link.tsx";
import { Button, buttonClass } from "../../ui/button.tsx";
import { EmptyState } from "../../ui/empty-state.tsx";
import { LoadError } from "../../ui/load-error.tsx";
import { PageHeader } from "../../ui/page-header.tsx";
import { SkeletonRows } from "../../ui/skeleton.tsx";
import { useFormats } from "../../ui/use-formats.ts";
import { Reachability } from "./reachability.tsx";

/** Everybody who shares something now. */
export function PeersView() {
  const { t } = useTranslation();
  const { data, error, isPending, refetch, hasNextPage, fetchNextPage } = usePeers();
  const peers = data?.pages.flatMap((page) => page.peers) ?? [];
  return (
    <div className="@container flex min-h-0 flex-1 flex-col">
      <PageHeader title={t("peers.title")} />
      {isPending ? (
        <SkeletonRows count={4} rowClass="h-20" />
      ) : error !== null && peers.length === 0 ? (
        <LoadError error={error} onRetry={() => void refetch()} />
      ) : peers.length === 0 ? (
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
      ) : (
        <ul className="min-h-0 flex-1 divide-y divide-line overflow-y-auto overscroll-contain">
          {peers.map((peer) => (
            <PeerItem key={peer.peerId} peer={peer} />
          ))}
          {hasNextPage ? (
            <li className="p-4 text-center">
              <Button onClick={() => void fetchNextPage()}>…</Button>
            </li>
          ) : null}
        </ul>
      )}
    </div>
  );
}

function PeerItem({ peer }: { peer: Peer }) {
  const { t } = useTranslation();
  const formats = useFormats();
  const [endpoint, ...others] = peer.endpoints;
  return (
    <li>
      <AppLink
        href={peerPath(peer.peerId)}
        className="flex gap-4 px-4 py-3.5 -outline-offset-2 hover:bg-sunken"
      >
        <HardDrive className="mt-0.5 size-5 shrink-0 text-muted" strokeWidth={1.5} aria-hidden="true" />
        <div className="min-w-0 flex-1">
          <div className="flex items-baseline justify-between gap-3">
            <span className="truncate font-medium">{displayName(peer.name)}</span>
            <span className="shrink-0 text-muted tabular">
              {t("peers.files", { count: peer.fileCount, formatted: formats.count(peer.fileCount) })} ·{" "}
              {formats.bytes(peer.totalSize)}
            </span>
          </div>
          <div className="mt-0.5 flex flex-wrap items-baseline justify-between gap-x-3 text-xs">
            <Reachability peer={peer} />
            {endpoint === undefined ? null : (
              <span className="text-muted tabular">
                {endpoint.url}
                {others.length === 0 ? "" : ` +${others.length}`}
              </span>
            )}
          </div>
        </div>
      </AppLink>
    </li>
  );
}
