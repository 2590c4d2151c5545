import { Health } from "@panal/sdk/gen/grpc/health/v1/health_pb";
import { PeerService } from "@panal/sdk/proto";
import { isFileId } from "@panal/sdk";

/** Longest name of a file in a URL, percent signs and all. */
const MAX_NAME_LENGTH = 1024;
const MAX_QUERY_LENGTH = 256;

/** What of a peer is asked for through the gateway. */
export interface ViaTarget {
  readonly peerId: string;
  /** Path and query at the peer, as they came. */
  readonly path: string;
  /** "files": what anybody may link to; "call": of a service. */
  readonly kind: "files" | "call";
  /** What a file is to be called; undefined leaves that to nobody in particular. */
  readonly name: string | undefined;
}

/** The call that is answered with file data. */
export const DOWNLOAD_CALL = `/${PeerService.typeName}/${PeerService.method.downloadFile.name}`;
/** The calls that are passed on, and nothing else a peer may have at its port. */
const CALLS: ReadonlySet<string> = new Set(
  [PeerService, Health].flatMap((service) =>
    service.methods.map((method) => `/${service.typeName}/${method.name}`),
  ),
);

/**
 * From the raw target of a request, `/via/{peerId}/...`. Compared as it came and passed on as it came, so that nobody reads it in another
 * way: what holds `..`, an encoded slash, a host or anything else that could be read twice is undefined.
 */
export function parseViaTarget(target: string): ViaTarget | undefined {
  const [, peerId, rest] = /^\/via\/([A-Za-z0-9_-]{8,64})(\/.*)$/.exec(target) ?? [];
  return peerId === undefined || rest === undefined ? undefined : parsePeerPath(peerId, rest);
}

/** The same for a path at a peer that is named otherwise: by gRPC's metadata. */
export function parsePeerPath(peerId: string, path: string): ViaTarget | undefined {
  if (!/^[A-Za-z0-9_-]{8,64}$/.test(peerId)) return undefined;
  if (CALLS.has(path)) return { peerId, path, kind: "call", name: undefined };
  const [, fileId = "", encoded = "", query = ""] =
    /^\/files\/([0-9a-f-]{1,96})(?:\/([^/?]*))?(?:\?(.*))?$/.exec(path) ?? [];
  if (!isFileId(fileId) || query.length > MAX_QUERY_LENGTH || !/^[\w.~%=&+-]*$/.test(query)) return undefined;
  const name = parseName(encoded);
  return name === undefined
    ? undefined
    : { peerId, path, kind: "files", name: name === "" ? undefined : name };
}

/** A name in a URL's path: one segment however often it is decoded. Undefined for anything else. */
export function parseName(encoded: string): string | undefined {
  if (encoded.length > MAX_NAME_LENGTH || !/^[\w.~!$&'()*+,;=:@%-]*$/.test(encoded)) return undefined;
  let name: string;
  try {
    name = decodeURIComponent(encoded);
  } catch {
    return undefined;
  }
  // Also what a second decoding would make of it.
  const isPlain = name !== "." && name !== ".." && !/[/\\\0]|%2f|%5c|%2e%2e|%00/i.test(name);
  return isPlain ? name : undefined;
}
