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

/** As they are shown: what runs, the queue in its order, and the rest, the newest first. */
export function inOrder(transfers: Transfers): Transfer[] {
  const all = [...transfers.values()];
  const running = all.filter((transfer) => isUnderWay(transfer) && transfer.phase.type !== "queued");
  const resting = all.filter((transfer) => !isUnderWay(transfer));
  return [...running.reverse(), ...queueOf(transfers), ...resting.reverse()];
}
