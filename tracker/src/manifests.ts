import { type FileId, type Manifest, PanalError, type Source, manifestOfSinglePiece } from "@panal/sdk";
import { createNodePeerSource } from "@panal/sdk/node";
import type { PeerRecord } from "./store/store.ts";

/** Peers that are asked at the same time; the first manifest that leads to the file id wins. */
const ASKED_AT_ONCE = 4;
/** They have this long, all together. */
const ASK_TIMEOUT_MS = 5_000;
/** Files whose peers are being asked: each may bring in four answers of 4 MiB. */
const MAX_ASKED_FILES = 8;
/** Piece layers that are kept: those of 64 files of 1 TiB, or of all films of a village. */
const MAX_KEPT_BYTES = 64 * 1024 * 1024;
/** Of an entry besides its layer. */
const ENTRY_BYTES = 256;

export interface ManifestsOptions {
  /** For tests; default: over the network, without redirects, the answer limited and checked against the file id. */
  readonly createSource?: (peer: {
    id: string;
    name: string;
    endpoints: { url: string; route: "direct" }[];
  }) => Pick<Source, "manifest">;
  readonly maxKeptBytes?: number;
}

/** What the tracker doesn't know of a file: the hashes of its pieces. */
export interface Manifests {
  /**
   * From memory, or from one of the peers that have the file; undefined when none that may be asked answers with the right
   * one. Throws "busy" when too many are being asked for.
   */
  get(fileId: FileId, holders: readonly PeerRecord[]): Promise<Manifest | undefined>;
}

export function createManifests({
  createSource = createNodePeerSource,
  maxKeptBytes = MAX_KEPT_BYTES,
}: ManifestsOptions = {}): Manifests {
  // In the order they were last asked for.
  const kept = new Map<FileId, Manifest>();
  let keptBytes = 0;
  const asking = new Map<FileId, Promise<Manifest | undefined>>();
  let turns = 0;

  function keep(manifest: Manifest): void {
    kept.set(manifest.fileId, manifest);
    keptBytes += sizeOf(manifest);
    for (const [fileId, oldest] of kept) {
      if (keptBytes <= maxKeptBytes) break;
      kept.delete(fileId);
      keptBytes -= sizeOf(oldest);
    }
  }

  async function ask(fileId: FileId, holders: readonly PeerRecord[]): Promise<Manifest | undefined> {
    const able = holders.filter(({ dialableUrls }) => dialableUrls.length > 0);
    // Others each time: four that lie or sleep must not stand before the rest for ever.
    const first = (turns++ * ASKED_AT_ONCE) % Math.max(1, able.length);
    const asked = [...able.slice(first), ...able.slice(0, first)].slice(0, ASKED_AT_ONCE);
    const decided = new AbortController();
    const signal = AbortSignal.any([decided.signal, AbortSignal.timeout(ASK_TIMEOUT_MS)]);
    try {
      return await Promise.any(
        asked.map(({ peerId, name, dialableUrls }) =>
          createSource({
            id: peerId,
            name,
            endpoints: dialableUrls.map((url) => ({ url, route: "direct" })),
          }).manifest(fileId, { signal }),
        ),
      );
    } catch {
      // Unreachable, too slow, without the file, or lying: each is a peer's fault, and nobody's business here.
      return undefined;
    } finally {
      decided.abort();
    }
  }

  return {
    async get(fileId, holders) {
      const known = kept.get(fileId) ?? knownFromId(fileId);
      if (known !== undefined) {
        if (kept.delete(fileId)) kept.set(fileId, known);
        return known;
      }
      let answer = asking.get(fileId);
      if (answer === undefined) {
        if (asking.size >= MAX_ASKED_FILES) throw new PanalError("busy", "too many torrents are being made");
        answer = ask(fileId, holders).finally(() => asking.delete(fileId));
        asking.set(fileId, answer);
        const manifest = await answer;
        if (manifest !== undefined) keep(manifest);
        return manifest;
      }
      return answer;
    },
  };
}

/** Undefined also for an id no file can have, which no peer can answer for. */
function knownFromId(fileId: FileId): Manifest | undefined {
  try {
    return manifestOfSinglePiece(fileId);
  } catch {
    return undefined;
  }
}

function sizeOf({ pieceLayer }: Manifest): number {
  return pieceLayer.length + ENTRY_BYTES;
}
