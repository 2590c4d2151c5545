import type { Peer } from "@panal/sdk";
import { displayName } from "@panal/sdk/content";
import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { usePeers } from "../../app/peers.ts";
import { Reachability, TrackersFinding, useReach } from "../peers/index.ts";
import { diagnosePeer, type Obstacle, surroundings } from "./diagnose-peer.ts";

/** Each peer as this browser finds it, as the tracker does, and what to do about it. */
export function PeerChecks() {
  const { t } = useTranslation();
  const peers = usePeers();
  const list = peers.data?.pages.flatMap((page) => page.peers) ?? [];
  if (peers.data === undefined) return null;
  return (
    <section className="mt-6">
      <h2 className="mb-1 text-base font-semibold">{t("doctor.peers")}</h2>
      {list.length === 0 ? <p className="text-muted">{t("doctor.noPeers")}</p> : null}
      <ul className="divide-y divide-line">
        {list.map((peer) => (
          <PeerCheck key={peer.peerId} peer={peer} />
        ))}
      </ul>
    </section>
  );
}

function PeerCheck({ peer }: { peer: Peer }) {
  const reach = useReach(peer);
  return (
    <li className="flex flex-col gap-1 py-3">
      <div className="flex flex-wrap items-baseline justify-between gap-x-4">
        <bdi className="min-w-0 truncate font-medium">{displayName(peer.name)}</bdi>
        <Reachability peer={peer} />
      </div>
      <span className="text-xs">
        <TrackersFinding peer={peer} />
      </span>
      {reach.isError ? <WhatToDo peer={peer} /> : null}
    </li>
  );
}

const CURES = {
  "no-address": "doctor.cureAddress",
  "mixed-content": "doctor.cureMixed",
  "local-network": "doctor.cureLocal",
  "cross-origin": "doctor.cureOrigin",
  silent: "doctor.cureSilent",
} as const satisfies Record<Obstacle, string>;

function WhatToDo({ peer }: { peer: Peer }) {
  const { t } = useTranslation();
  const { data: obstacle } = useQuery({
    queryKey: ["doctor", "obstacle", peer.peerId, peer.endpoints],
    queryFn: ({ signal }) => diagnosePeer(peer, surroundings(), signal),
    retry: false,
    gcTime: 0,
  });
  if (obstacle === undefined) return null;
  return (
    <p className="mt-1 rounded-lg bg-honey-soft px-3 py-2 text-honey-ink wrap-anywhere">
      {t(CURES[obstacle], { origin: location.origin })}
    </p>
  );
}
