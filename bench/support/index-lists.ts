import type { SharesOptions } from "../corpus/shares.ts";
import type { LoadGenerator } from "../load/load-generator.ts";
import type { ListToSend } from "../load/send-lists.ts";
import type { BenchTracker, RegisteredPeer } from "./bench-tracker.ts";
import { cpuSecondsOf, untilIdle } from "./process-costs.ts";

export interface IndexListsOptions {
  readonly tracker: BenchTracker;
  readonly sending: LoadGenerator;
  readonly shares: SharesOptions;
  /** One for each share. */
  readonly peers: readonly RegisteredPeer[];
}

/** A part of all lists, the tracker has it. */
export interface SentPart {
  /** From 1 on. */
  readonly number: number;
  readonly seconds: number;
  /** How often a peer was told to come again later. */
  readonly postponed: number;
}

/** The lists of all peers, and what the tracker has of them. */
export interface IndexLists {
  /** Sends all lists at once; gives the seconds until the last file of each is found. Writing out what is sent isn't counted. */
  fill(partsOfList: number, onPart: (sent: SentPart) => Promise<void>): Promise<number>;
  /** Some peers after those that did last: a hundredth of their files changes, and the tracker is told. */
  change(
    kind: ListToSend["kind"],
    peerCount: number,
  ): Promise<{
    /** Of the tracker's processor, until it is idle again. */
    cpuSeconds: number;
    bytes: number;
  }>;
}

export function createIndexLists({ tracker, sending, shares, peers }: IndexListsOptions): IndexLists {
  const { port, pid } = tracker;
  /** How often each list has changed so far. */
  const generations = peers.map(() => 0);
  const next = { delta: 0, whole: 0 };

  function listOf(peer: number, kind: ListToSend["kind"]): ListToSend {
    const generation = generations[peer]!;
    return { ...peers[peer]!, peer, generation, kind, revision: generation + 1 };
  }

  return {
    async fill(partsOfList, onPart) {
      let seconds = 0;
      const lists = peers.map((_, peer) => listOf(peer, "whole"));
      for (let index = 0; index < partsOfList; index++) {
        const part = { index, of: partsOfList };
        await sending.run({ type: "prepare-lists", port, shares, lists, part });
        const sent = await sending.run({ type: "send-lists", untilFound: index + 1 === partsOfList });
        seconds += sent.seconds;
        await onPart({ number: index + 1, seconds: sent.seconds, postponed: sent.postponed });
      }
      return seconds;
    },

    async change(kind, peerCount) {
      const chosen = Array.from({ length: peerCount }, (_, index) => (next[kind] + index) % peers.length);
      next[kind] += peerCount;
      for (const peer of chosen) generations[peer]!++;
      const lists = chosen.map((peer) => listOf(peer, kind));
      await sending.run({ type: "prepare-lists", port, shares, lists });
      // What came before may have left something to clear up; after a change there is nothing.
      if (next.delta + next.whole === peerCount) await untilIdle(pid);
      const before = await cpuSecondsOf(pid);
      const { bytes } = await sending.run({ type: "send-lists", untilFound: false });
      await untilIdle(pid);
      return { cpuSeconds: (await cpuSecondsOf(pid)) - before, bytes };
    },
  };
}
