import type { FileId } from "@panal/sdk/content";
import { isUnderWay, type Transfer } from "./transfer-state.ts";

type Transfers = ReadonlyMap<FileId, Transfer>;

/** Those that wait for their turn, the next one first. */
export function queueOf(transfers: Transfers): Transfer[] {
  return [...transfers.values()].filter(({ phase }) => phase.type === "queued");
}

/** Whether one more may begin. One without peers takes nobody's place, nor does what is only watched. */
export function hasRoom(transfers: Transfers, atOnce: number): boolean {
  const busy = [...transfers.values()].filter(
    ({ phase, isWhole }) => isWhole && ["starting", "running", "stopping"].includes(phase.type),
  );
  return busy.length < atOnce;
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
