import { PanalError, type UploadTarget, askPeer, displayName } from "@panal/sdk";
import { createNodePeerClient, createNodeUploadTarget } from "@panal/sdk/node";
import { UsageError } from "./exit-codes.ts";
import { findPeer } from "./find-peer.ts";
import { trackerAt } from "./options.ts";
import { peerAt } from "./peer-at.ts";

type PeerAddress = Pick<Parameters<typeof createNodeUploadTarget>[0], "id" | "name" | "endpoints">;

export interface FindTargetsOptions {
  /** The tracker's URL. */
  tracker: string;
  /** The code that is known already. */
  code: string | undefined;
  /** Asks for the code of a peer; undefined when nobody can be asked. */
  askCode: ((name: string) => Promise<string>) | undefined;
  signal: AbortSignal;
}

/**
 * The peers that are meant: by URL, id or name, and with the code each needs. Throws "not-found", "forbidden" when one takes no
 * uploads, a UsageError without a code.
 */
export async function findTargets(
  wanted: readonly string[],
  options: FindTargetsOptions,
): Promise<UploadTarget[]> {
  const targets: UploadTarget[] = [];
  for (const text of wanted) {
    const address = await addressOf(text, options.tracker);
    if (targets.some(({ id }) => id === address.id)) continue;
    targets.push(createNodeUploadTarget({ ...address, code: await codeFor(address, options) }));
  }
  return targets;
}

async function addressOf(text: string, trackerUrl: string): Promise<PeerAddress> {
  if (!/^https?:\/\//i.test(text)) {
    const { peerId, name, endpoints } = await findPeer(trackerAt(trackerUrl), text);
    return { id: peerId, name, endpoints };
  }
  return peerAt(text, "--to");
}

/** Asked beforehand: whoever types a code isn't to wait until everything is hashed. */
async function codeFor(
  { name, endpoints }: PeerAddress,
  { code, askCode, signal }: FindTargetsOptions,
): Promise<string | undefined> {
  if (code !== undefined) return code;
  const asked = await askPeer(endpoints, { createClient: createNodePeerClient, signal }).catch(
    (error: unknown) => {
      if (signal.aborted) throw error;
      return undefined;
    },
  );
  // Away just now: `upload` waits for it, and says what it says.
  if (asked === undefined) return undefined;
  const { peer } = asked;
  if (!peer.acceptsUploads)
    throw new PanalError("forbidden", `${name} takes no uploads (share --allow-uploads)`);
  if (!peer.uploadNeedsCode) return undefined;
  if (askCode !== undefined) return askCode(name);
  throw new UsageError(
    `${displayName(name)} takes files with its upload code only: set PANAL_UPLOAD_CODE (share prints it)`,
  );
}
