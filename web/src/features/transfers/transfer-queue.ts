import type { FileId } from "@panal/sdk/content";
import { isUnderWay, type Transfer } from "./transfer-state.ts";

type Transfers = ReadonlyMap<FileId, Transfer>;

/** Those that wait for their turn, the next one first. */
export function queueOf(transfers: Transfers): Transfer[] {
  return [...transfers.values()].filter(({ phase }) => phase.type === "queued");
}

/** Each of these asks for its peers, again and again: thousands whose peers are gone would ask a thousand times a second. */
const MAX_WAITING = 12;
/** So long one of them waits at least before it lets one of the queue try, and goes to its end. */
const WAITING_TURN_MS = 10_000;

export interface Places {
  /** How many run at a time. */
  readonly atOnce: number;
  /** Since when those wait that have no peers. */
  readonly waitingSinceMs: ReadonlyMap<FileId, number>;
  /** Somebody reads these: they stay. */
  readonly read: ReadonlySet<FileId>;
  readonly nowMs: number;
}

export type QueueStep =
  | { readonly type: "begin"; readonly transfer: Transfer }
  /** It goes back into the queue, so that another one may try. */
  | { readonly type: "requeue"; readonly transfer: Transfer }
  | { readonly type: "later"; readonly ms: number }
  | { readonly type: "none" };

/**
 * What is to be done now. One without peers takes nobody's place, but only so many wait for theirs at a time, and by turns; what is only watched
 * takes none either.
 */
export function nextStep(transfers: Transfers, places: Places): QueueStep {
  const { atOnce, waitingSinceMs, read, nowMs } = places;
  let [next, oldest]: (Transfer | undefined)[] = [];
  let [busyCount, waitingCount] = [0, 0];
  const sinceMs = ({ fileId }: Transfer) => waitingSinceMs.get(fileId) ?? nowMs;
  for (const transfer of transfers.values()) {
    const { phase, isWhole, fileId } = transfer;
    if (phase.type === "queued") next ??= transfer;
    if (!isWhole) continue;
    if (["starting", "running", "stopping"].includes(phase.type)) busyCount++;
    if (phase.type !== "waiting") continue;
    waitingCount++;
    const isOlder = oldest === undefined || sinceMs(transfer) < sinceMs(oldest);
    if (isOlder && !read.has(fileId)) oldest = transfer;
  }
  if (next === undefined || busyCount >= atOnce) return { type: "none" };
  if (waitingCount < MAX_WAITING) return { type: "begin", transfer: next };
  if (oldest === undefined) return { type: "none" };
  const ms = sinceMs(oldest) + WAITING_TURN_MS - nowMs;
  return ms > 0 ? { type: "later", ms } : { type: "requeue", transfer: oldest };
}

/** The same with one that waits a place further to the front (-1) or the back (1) of the queue. */
export function movedInQueue(transfers: Transfers, fileId: FileId, step: -1 | 1): Transfers {
  const queue = queueOf(transfers).map((transfer) => transfer.fileId);
  const at = queue.indexOf(fileId);
  const other = queue[at + step];
  if (at < 0 || other === undefined) return transfers;
  const swapped = (id: FileId) => (id === fileId ? other : id === other ? fileId : id);
  return new Map([...transfers.keys()].map((id) => [swapped(id), transfers.get(swapped(id))!]));
}

/** Every row of the queue asks with every change: counted once for each state. */
const queueEnds = new WeakMap<Transfers, { first: FileId | undefined; last: FileId | undefined }>();

/** Those that can't be moved further to the front, or to the back. */
export function endsOfQueue(transfers: Transfers) {
  const known = queueEnds.get(transfers);
  if (known !== undefined) return known;
  const queue = queueOf(transfers);
  const ends = { first: queue.at(0)?.fileId, last: queue.at(-1)?.fileId };
  queueEnds.set(transfers, ends);
  return ends;
}

/** As they are shown: what runs; the queue in its order; what rests, the complete ones last. The newest first, but for the queue. */
export function inGroups(
  transfers: Transfers,
): [running: Transfer[], queued: Transfer[], resting: Transfer[]] {
  const all = [...transfers.values()].reverse();
  const running = all.filter((transfer) => isUnderWay(transfer) && transfer.phase.type !== "queued");
  const resting = all.filter((transfer) => !isUnderWay(transfer));
  // Among thousands that are complete nobody would find the one that failed.
  const unfinished = resting.filter(({ phase }) => phase.type !== "done");
  const complete = resting.filter(({ phase }) => phase.type === "done");
  return [running, queueOf(transfers), [...unfinished, ...complete]];
}
