import { arrivals } from "./arrivals.ts";
import { type HttpConnections, openConnections } from "./http-connections.ts";
import { requestHead } from "./request-head.ts";
import { fileIdOfTime, machineNowUs } from "./sent-time.ts";

export interface ChangeJob {
  readonly type: "change";
  readonly port: number;
  /** They change their lists in turn; `revision` is what they have now, and goes up by one with each change. */
  readonly peers: readonly { readonly peerId: string; readonly lease: string; readonly revision: number }[];
  readonly ratePerSecond: number;
  readonly count: number;
}

const PATH = "Documents/what changes all the time.txt";

/** Changes at a fixed rate, of one file each, which carries when the change was due. */
export async function change(job: ChangeJob): Promise<{ changes: number }> {
  const connections = openConnections(job.port, job.peers.length);
  const offsetUs = machineNowUs() - performance.now() * 1000;
  const peers = job.peers.map((peer) => ({ ...peer, last: Promise.resolve() }));
  try {
    await arrivals({ ...job, isPunctual: false }, (index, dueAt) => {
      const peer = peers[index % peers.length]!;
      // A peer's changes follow one another.
      peer.last = peer.last.then(() =>
        patch(connections, {
          ...peer,
          revision: peer.revision++,
          port: job.port,
          dueUs: offsetUs + dueAt * 1000,
        }),
      );
      peer.last.catch(() => {});
    });
    await Promise.all(peers.map(({ last }) => last));
  } finally {
    connections.close();
  }
  return { changes: job.count };
}

async function patch(
  connections: HttpConnections,
  options: { peerId: string; lease: string; port: number; revision: number; dueUs: number },
): Promise<void> {
  const { peerId, lease, port, revision, dueUs } = options;
  const added = [{ path: PATH, fileId: fileIdOfTime(Math.round(dueUs)), mtime: new Date().toISOString() }];
  const body = JSON.stringify({ baseRevision: revision, revision: revision + 1, added, removed: [] });
  const path = `/api/v1/peers/${peerId}/files`;
  const head = requestHead({ method: "PATCH", path, port, lease, contentLength: Buffer.byteLength(body) });
  const { status } = await connections.request(head + body);
  if (status !== 200) throw new Error(`a change was answered with ${status}`);
}
