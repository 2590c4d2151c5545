import { baseName, displayName, mediaTypeOf, safeFileName } from "@panal/sdk/content";
import { ChevronRight, Folder, FolderOpen, UserX } from "lucide-react";
import { useCallback } from "react";
import { useTranslation } from "react-i18next";
import { useLivePeers, usePeer } from "../../app/peers.ts";
import { peerPath, uploadPath } from "../../app/route.ts";
import { AppLink } from "../../ui/app-link.tsx";
import { buttonClass } from "../../ui/button.tsx";
import { EmptyState } from "../../ui/empty-state.tsx";
import { FileLink } from "../../ui/file-link.tsx";
import { LinkButtons } from "../../ui/link-buttons.tsx";
import { LoadError } from "../../ui/load-error.tsx";
import { SkeletonRows } from "../../ui/skeleton.tsx";
import { useFormats } from "../../ui/use-formats.ts";
import { useMedia } from "../../ui/use-media.ts";
import type { RowFocus } from "../../ui/list-row.tsx";
import { VirtualList } from "../../ui/virtual-list.tsx";
import { SaveFilesButton } from "../transfers/index.ts";
import { collectFolder } from "./collect-folder.ts";
import { SendLink, UploadView, usePeerUploads } from "../uploads/index.ts";
import { PeerGone } from "./peer-gone.tsx";
import { Reachability } from "./reachability.tsx";
import { type FolderEntry, listFolder, useFolder } from "./use-folder.ts";
import { useReach } from "./use-reach.ts";

/** What one peer shares, folder by folder, as it tells itself. */
export function PeerView({ peerId, folder }: { peerId: string; folder: string }) {
  const { t } = useTranslation();
  const peer = usePeer(peerId);
  const reach = useReach(peer.data ?? undefined);
  const uploads = usePeerUploads(peerId, peer.data ?? undefined);
  useLivePeers(
    [
      ["peer", peerId],
      ["folder", peerId],
    ],
    peerId,
  );
  if (peer.data === null) return <PeerGone peerId={peerId} />;
  if (peer.data === undefined) {
    return peer.error === null ? (
      <SkeletonRows />
    ) : (
      <LoadError error={peer.error} onRetry={() => void peer.refetch()} />
    );
  }
  const takesFiles = reach.data !== undefined && reach.data.uploads !== "none";
  return (
    <div className="@container flex min-h-0 flex-1 flex-col" {...(takesFiles ? uploads.dropHandlers : {})}>
      <header className="border-b border-line px-4 pt-3 pb-2.5">
        <div className="flex items-start justify-between gap-x-3">
          <div className="flex min-w-0 flex-wrap items-baseline gap-x-3">
            <h1 className="min-w-0 truncate text-lg font-semibold">
              <bdi>{displayName(peer.data.name)}</bdi>
            </h1>
            <Reachability peer={peer.data} />
          </div>
          <span className="-my-1.5 -mr-2 flex shrink-0 items-center gap-1">
            {takesFiles && !uploads.isShown ? (
              <SendLink isCompact peerId={peerId} name={displayName(peer.data.name)} />
            ) : null}
            {reach.data === undefined || uploads.isShown ? null : (
              <SaveFolderButton url={reach.data.url} folder={folder} shareName={peer.data.name} />
            )}
            {uploads.isShown ? (
              <LinkButtons path={uploadPath(peerId)} label={t("peers.copyLink")} />
            ) : (
              <LinkButtons path={peerPath(peerId, folder)} label={t("peers.copyFolder")} />
            )}
          </span>
        </div>
        {uploads.isShown ? <UploadCrumbs peerId={peerId} /> : <Crumbs peerId={peerId} folder={folder} />}
        {reach.data?.isIndexing === true ? (
          <p role="status" className="mt-1 text-xs text-honey-ink">
            {t("peers.indexing")}
          </p>
        ) : null}
      </header>
      {uploads.isShown && reach.data !== undefined ? (
        <UploadView peer={uploads.target} uploads={reach.data.uploads} isOver={uploads.isOver} />
      ) : reach.error === null ? (
        <FolderList peerId={peerId} folder={folder} url={reach.data?.url} />
      ) : (
        <EmptyState
          isAlert
          icon={<UserX />}
          title={t("peers.unreachable")}
          {...(isMixedContent(peer.data.endpoints) ? { hint: t("doctor.mixed") } : {})}
          action={
            <AppLink href="/doctor" className={buttonClass("plain")}>
              {t("nav.doctor")}
            </AppLink>
          }
        />
      )}
    </div>
  );
}

function SaveFolderButton({ url, folder, shareName }: { url: string; folder: string; shareName: string }) {
  const { t } = useTranslation();
  const name = safeFileName(folder === "" ? shareName : folder);
  return (
    <SaveFilesButton
      label={t("save.folder")}
      batch={{
        title: t("save.title", { name: displayName(name) }),
        name,
        collect: (signal) =>
          collectFolder(folder, {
            signal,
            list: (path, pageToken) => listFolder(url, { folder: path, pageToken, signal }),
          }),
      }}
    />
  );
}

/** Whether every way to a peer is plain http while this page is not. */
function isMixedContent(endpoints: readonly { url: string }[]): boolean {
  return location.protocol === "https:" && endpoints.every(({ url }) => url.startsWith("http:"));
}

function Crumbs({ peerId, folder }: { peerId: string; folder: string }) {
  const { t } = useTranslation();
  const names = folder === "" ? [] : folder.split("/");
  return (
    <nav aria-label={t("peers.folderPath")} className="mt-1">
      <ol className="flex flex-wrap items-center gap-x-1 text-muted">
        <li>
          <AppLink
            href={peerPath(peerId)}
            className="hover:underline"
            {...(folder === "" ? { "aria-current": "page" } : {})}
          >
            {t("peers.top")}
          </AppLink>
        </li>
        {names.map((name, index) => {
          const path = names.slice(0, index + 1).join("/");
          const isLast = index === names.length - 1;
          return (
            <li key={path} className="flex min-w-0 items-center gap-1">
              <ChevronRight className="size-3.5 shrink-0" aria-hidden="true" />
              <AppLink
                href={peerPath(peerId, path)}
                className={`truncate hover:underline ${isLast ? "text-ink" : ""}`}
                {...(isLast ? { "aria-current": "page" } : {})}
              >
                <bdi>{displayName(name)}</bdi>
              </AppLink>
            </li>
          );
        })}
      </ol>
    </nav>
  );
}

/** Back to what the peer shares. */
function UploadCrumbs({ peerId }: { peerId: string }) {
  const { t } = useTranslation();
  return (
    <nav aria-label={t("peers.folderPath")} className="mt-1 text-muted">
      <ol className="flex flex-wrap items-center gap-x-1">
        <li>
          <AppLink href={peerPath(peerId)} className="hover:underline">
            {t("upload.back")}
          </AppLink>
        </li>
        <li className="flex items-center gap-1 text-ink" aria-current="page">
          <ChevronRight className="size-3.5 shrink-0" aria-hidden="true" />
          {t("upload.title")}
        </li>
      </ol>
    </nav>
  );
}

function FolderList({ peerId, folder, url }: { peerId: string; folder: string; url: string | undefined }) {
  const { t } = useTranslation();
  const isPhone = useMedia("(max-width: 40rem)");
  const query = useFolder({ peerId, folder, url });
  const { data, error, isPending, hasNextPage, isFetchingNextPage, fetchNextPage, refetch } = query;
  const onNearEnd = useCallback(() => {
    if (hasNextPage && !isFetchingNextPage) void fetchNextPage();
  }, [hasNextPage, isFetchingNextPage, fetchNextPage]);
  if (isPending) return <SkeletonRows rowClass={isPhone ? "h-14" : "h-10"} />;
  const entries = data?.pages.flatMap((page) => page.entries) ?? [];
  if (error !== null && entries.length === 0)
    return <LoadError error={error} onRetry={() => void refetch()} />;
  if (entries.length === 0) {
    return (
      <EmptyState icon={<FolderOpen />} title={t("peers.emptyFolder")} hint={t("peers.emptyFolderHint")} />
    );
  }
  return (
    <VirtualList
      key={folder}
      items={entries}
      keyOf={(entry) => `${entry.type}/${entry.name}`}
      rowHeightPx={isPhone ? 56 : 40}
      label={folder === "" ? t("peers.top") : displayName(baseName(folder))}
      onNearEnd={onNearEnd}
      renderRow={(entry, focus) => <FolderRow peerId={peerId} folder={folder} entry={entry} focus={focus} />}
    />
  );
}

function FolderRow(props: { peerId: string; folder: string; entry: FolderEntry; focus: RowFocus }) {
  const { peerId, folder, entry, focus } = props;
  const { t } = useTranslation();
  const formats = useFormats();
  const path = folder === "" ? entry.name : `${folder}/${entry.name}`;
  if (entry.type === "file") {
    return (
      <FileLink
        fileId={entry.fileId}
        path={path}
        kind={mediaTypeOf(entry.name).kind}
        focus={focus}
        figures={
          <>
            <span className="@md:w-20 @md:text-right">{formats.bytes(entry.size)}</span>
            <span className="@md:w-24 @md:text-right">
              {formats.age(new Date(clampMs(entry.modifiedMs)).toISOString(), Date.now())}
            </span>
          </>
        }
      />
    );
  }
  return (
    <AppLink
      href={peerPath(peerId, path)}
      className="flex h-full items-center gap-3 px-4 -outline-offset-2 hover:bg-sunken"
      {...focus}
    >
      <span title={t("kind.folder")} className="inline-flex shrink-0">
        <Folder className="size-4 fill-honey-soft text-honey-ink" strokeWidth={1.75} aria-hidden="true" />
      </span>
      <bdi className="min-w-0 flex-1 truncate">{displayName(entry.name)}</bdi>
      <span className="flex shrink-0 gap-2 text-xs text-muted tabular @md:gap-4 @md:text-sm">
        <span>{t("peers.files", { count: entry.fileCount, formatted: formats.count(entry.fileCount) })}</span>
        <span className="@md:w-20 @md:text-right">{formats.bytes(entry.totalSize)}</span>
      </span>
    </AppLink>
  );
}

/** A date beyond what JavaScript knows is some peer's nonsense. */
function clampMs(ms: number): number {
  return Math.max(-8.64e15, Math.min(8.64e15, Number.isFinite(ms) ? ms : 0));
}
