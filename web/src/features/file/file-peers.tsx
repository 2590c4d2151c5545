import type { FileDetails } from "@panal/sdk";
import { displayName } from "@panal/sdk/content";
import { ExternalLink, Link } from "lucide-react";
import { useTranslation } from "react-i18next";
import { peerPath } from "../../app/route.ts";
import { AppLink } from "../../ui/app-link.tsx";
import { CopyButton } from "../../ui/copy-button.tsx";
import { useFormats } from "../../ui/use-formats.ts";
import { SourceRows, type Transfer } from "../transfers/index.ts";
import { doorLinks } from "./door-link.ts";
import type { useFile } from "./use-file.ts";

interface FilePeersProps {
  file: ReturnType<typeof useFile>;
  transfer: Transfer | undefined;
}

/** Who brings the file, while it comes; and who has it, with links for other programs. */
export function FilePeers({ file, transfer }: FilePeersProps) {
  const { t } = useTranslation();
  const sources = transfer?.sources ?? [];
  const details = file.data ?? undefined;
  if (sources.length > 0 && transfer !== undefined) {
    return (
      <section className="mt-6">
        <h2 className="mb-1 text-xs font-medium text-muted">{t("file.peers")}</h2>
        <SourceRows transfer={transfer} />
        {details === undefined ? null : <DirectLinks details={details} />}
      </section>
    );
  }
  if (details === undefined || details.peers.length === 0) return null;
  return (
    <section className="mt-6">
      <h2 className="mb-1 text-xs font-medium text-muted">{t("file.peers")}</h2>
      <ul className="divide-y divide-line">
        {details.peers.map((peer) => (
          <PeerLine key={peer.peerId} peer={peer} />
        ))}
      </ul>
      <DirectLinks details={details} />
    </section>
  );
}

function PeerLine({ peer }: { peer: FileDetails["peers"][number] }) {
  const formats = useFormats();
  const [endpoint] = peer.endpoints;
  return (
    <li className="py-2">
      <div className="flex items-baseline justify-between gap-3">
        <AppLink href={peerPath(peer.peerId)} className="min-w-0 truncate font-medium hover:underline">
          {displayName(peer.name)}
        </AppLink>
        <span className="shrink-0 text-xs text-muted">{formats.age(peer.mtime, Date.now())}</span>
      </div>
      <div className="flex flex-wrap justify-between gap-x-3 text-xs text-muted">
        <bdi className="min-w-0 wrap-anywhere">{displayName(peer.path)}</bdi>
        {endpoint === undefined ? null : <span>{endpoint.url.replace(/^http:\/\//, "")}</span>}
      </div>
    </li>
  );
}

/** For players, curl and download managers. */
function DirectLinks({ details }: { details: FileDetails }) {
  const { t } = useTranslation();
  const [first] = doorLinks(details);
  if (first === undefined) return null;
  return (
    <div className="mt-4 rounded-xl border border-line p-3">
      <div className="flex items-center justify-between gap-2">
        <h3 className="font-medium">{t("file.fromPeer")}</h3>
        <span className="-my-2 flex">
          <CopyButton iconOnly text={first.url} label={t("file.copyLink")} icon={<Link />} />
          <a
            href={first.url}
            target="_blank"
            rel="noopener noreferrer"
            aria-label={t("transfer.open")}
            title={t("transfer.open")}
            className="inline-flex size-10 items-center justify-center rounded-lg text-muted hover:bg-sunken hover:text-ink"
          >
            <ExternalLink className="size-[1.125rem]" aria-hidden="true" />
          </a>
        </span>
      </div>
      <p className="mt-1 text-xs text-muted">
        {t(first.isStraight ? "file.fromPeerHint" : "file.throughTrackerHint", {
          name: displayName(first.peerName),
        })}
      </p>
    </div>
  );
}
