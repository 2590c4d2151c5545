/** How a file can reach somebody's disk from here. */
export type SaveWay =
  /** Piece by piece into a file that was picked. */
  | "picked"
  /** Kept in the browser's storage until it is whole, then handed over. */
  | "browser"
  /** Straight into the browser's downloads, through the service worker. */
  | "stream";

interface Ways {
  canPick: boolean;
  hasStorage: boolean;
  /** The service worker runs. */
  canStream: boolean;
  lengthBytes: number;
  /** What the browser's storage would still take; undefined when it doesn't say. */
  freeBytes: number | undefined;
}

/**
 * The ways there are, the best first: what can be paused and goes on after a crash, unless there is no room for it. None
 * on insecure pages.
 */
export function saveWays({ canPick, hasStorage, canStream, lengthBytes, freeBytes }: Ways): SaveWay[] {
  if (canPick) return ["picked"];
  const stream: SaveWay[] = canStream ? ["stream"] : [];
  if (!hasStorage) return stream;
  const isTight = freeBytes !== undefined && freeBytes < lengthBytes;
  return isTight ? [...stream, "browser"] : ["browser", ...stream];
}
