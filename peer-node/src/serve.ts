import { readFile } from "node:fs/promises";
import { hostname } from "node:os";
import { createSecureContext } from "node:tls";
import {
  PanalError,
  type RateLimit,
  type TrackerClient,
  createRateLimit,
  createTrackerClient,
  displayName,
} from "@panal/sdk";
import { listen } from "@panal/sdk/node";
import { PeerService } from "@panal/sdk/proto";
import packageJson from "../package.json" with { type: "json" };
import { type AnnounceState, startAnnouncing } from "./announce.ts";
import type { AnnouncedFiles, ServedFiles } from "./library/served-files.ts";
import { peerUrls } from "./peer-addresses.ts";
import type { IdentityFile } from "./peer-identity.ts";
import { createInProcessServer } from "./relay/in-process-server.ts";
import { type RelayMode, type RelayState, createRelayLink } from "./relay/relay-link.ts";
import { hostName } from "./server/allowed-host.ts";
import { type AllowedOrigins, createAllowedOrigins, isOrigin } from "./server/allowed-origins.ts";
import { createBlockPool } from "./server/block-pool.ts";
import { createHealth } from "./server/health.ts";
import { createRequestHandler } from "./server/request-handler.ts";
import type { PeerUploads } from "./uploads/peer-uploads.ts";
import { createServingPlaces } from "./server/serving-places.ts";
import { takeUploadConnection } from "./server/upload-connection.ts";

/** What is under way when a peer stops has this long to end. */
const DRAIN_MS = 10_000;
const MAX_NAME_LENGTH = 64;

/** How a peer is reached, and what it is called. */
export interface ServeOptions {
  /** Undefined: serves, and announces itself nowhere. */
  trackerUrl?: string | undefined;
  /** 0: the system chooses. */
  port: number;
  /** Default: all interfaces. */
  host?: string | undefined;
  /** For people; default the name of the machine. */
  name?: string | undefined;
  /** Base URLs to announce instead of those of the interfaces. */
  advertise?: readonly string[];
  /** Host names under which it may be reached. */
  allowHosts?: readonly string[];
  /** Origins whose pages may read from it, besides those the tracker names. */
  allowOrigins?: readonly string[];
  /** PEM files. */
  tls?: { certFile: string; keyFile: string } | undefined;
  /** Bytes of file data a second, for all clients together; default: no limit. */
  maxUploadRate?: number | undefined;
  /** Downloads served at once; default 256. */
  maxClients?: number | undefined;
  /** Whether it answers over the tracker's relay; default "never". */
  relay?: RelayMode;
}

/** The same, checked. */
export interface ServeSettings {
  readonly tracker: TrackerClient | undefined;
  readonly port: number;
  readonly host: string | undefined;
  readonly name: string;
  readonly advertise: readonly string[];
  readonly allowedHosts: ReadonlySet<string>;
  readonly origins: AllowedOrigins;
  readonly tls: { cert: Buffer; key: Buffer } | undefined;
  readonly uploadLimit: RateLimit | undefined;
  readonly maxClients: number | undefined;
  readonly relay: RelayMode;
}

export interface Server {
  /** On this machine. */
  readonly url: string;
  /** All it announces. */
  readonly urls: readonly string[];
  readonly port: number;
  /** Empty while no tracker gave it one. */
  peerId(): string;
  /** Clients that are being sent file data at this moment. */
  clientCount(): number;
  /** Logs out, lets answers under way end for ten seconds at most, stops. */
  close(): Promise<void>;
}

/** Throws "invalid" for an option that can't be. */
export async function parseServeOptions(options: ServeOptions): Promise<ServeSettings> {
  return {
    tracker: options.trackerUrl === undefined ? undefined : createTrackerClient({ url: options.trackerUrl }),
    port: options.port,
    host: options.host,
    name: parseName(options.name ?? hostname()),
    advertise: options.advertise ?? [],
    origins: createAllowedOrigins(parseOrigins(options.allowOrigins ?? [])),
    allowedHosts: parseHosts(options),
    tls: options.tls && (await readTls(options.tls)),
    uploadLimit:
      options.maxUploadRate === undefined
        ? undefined
        : createRateLimit({ bytesPerSecond: options.maxUploadRate }),
    maxClients: options.maxClients,
    relay: options.relay ?? "never",
  };
}

/**
 * Serves files, and keeps the tracker told of them, until it is closed. Throws "conflict" when the port is in use.
 */
export async function serve(
  files: ServedFiles & AnnouncedFiles,
  settings: ServeSettings,
  tracking: {
    identity?: IdentityFile;
    onState?: (state: AnnounceState) => void;
    /** What takes uploads; undefined: none are taken. */
    uploads?: PeerUploads | undefined;
    onRelay?: (state: RelayState) => void;
  },
): Promise<Server> {
  const { tracker, tls, name, origins } = settings;
  let peerId = () => "";
  let nonce = () => "";
  const { uploads } = tracking;
  const acceptsUploads = uploads !== undefined;
  const profile = { name, version: `panal-peer-node/${packageJson.version}`, acceptsUploads };
  const places = createServingPlaces(settings);
  const health = createHealth([PeerService.typeName]);
  const handler = createRequestHandler({
    files,
    profile: { ...profile, uploadNeedsCode: uploads?.code !== undefined, peerId: () => peerId() },
    uploads,
    places,
    pool: createBlockPool(),
    health,
    origins,
    allowedHosts: settings.allowedHosts,
    nonce: () => nonce(),
  });
  // Uploads may take longer: the handler watches what comes.
  const listening = await listen({
    host: settings.host,
    port: settings.port,
    tls,
    requestTimeoutMs: 0,
    handler,
    ...(acceptsUploads ? { takeConnection: takeUploadConnection } : {}),
  });
  const inProcess = createInProcessServer(handler);
  const link = createRelayLink({
    mode: settings.relay,
    identity: () => announcer?.identity(),
    answer: inProcess.answer,
    onState: (state) => tracking.onRelay?.(state),
  });
  const scheme = tls === undefined ? "http" : "https";
  const urls = () =>
    peerUrls({
      boundAddress: listening.address,
      port: listening.port,
      scheme,
      advertise: settings.advertise,
    });
  const announcer =
    tracker &&
    startAnnouncing({
      tracker,
      files,
      identity: tracking.identity,
      profile,
      urls,
      usesRelay: settings.relay === "always",
      onReach: (reach) => link.heard(reach),
      onWebOrigins: (list) => origins.setFromTracker(list),
      ...(tracking.onState === undefined ? {} : { onState: tracking.onState }),
    });
  if (announcer !== undefined) ({ peerId, nonce } = announcer);
  return {
    url: `${scheme}://${localHost(listening.address)}:${listening.port}`,
    urls: urls(),
    port: listening.port,
    peerId: () => peerId(),
    clientCount: () => places.active,
    async close() {
      health.setNotServing();
      await announcer?.close();
      await link.close();
      inProcess.close();
      await listening.close(DRAIN_MS);
    },
  };
}

/** One line, as trackers take it. */
function parseName(text: string): string {
  const line = displayName(text).replaceAll("\ufffd", " ").trim();
  // Not half of a character at the end.
  return (
    line
      .slice(0, MAX_NAME_LENGTH)
      .replace(/[\ud800-\udbff]$/, "")
      .trim() || "peer"
  );
}

function localHost(boundAddress: string): string {
  if (boundAddress === "::" || boundAddress === "0.0.0.0") return "localhost";
  return boundAddress.includes(":") ? `[${boundAddress}]` : boundAddress;
}

function parseOrigins(origins: readonly string[]): readonly string[] {
  for (const origin of origins) {
    if (!isOrigin(origin)) {
      throw new PanalError(
        "invalid",
        `--allow-origin ${JSON.stringify(origin)}: expected scheme://host[:port], as in https://example.org`,
      );
    }
  }
  return origins;
}

/** What it was told, and the hosts of the URLs it announces itself. */
function parseHosts({ allowHosts = [], advertise = [] }: ServeOptions): ReadonlySet<string> {
  const hosts = new Set<string>();
  for (const host of allowHosts) {
    const name = hostName(host);
    if (name === undefined)
      throw new PanalError("invalid", `--allow-host ${JSON.stringify(host)}: not a host name`);
    hosts.add(name);
  }
  for (const url of advertise) {
    const isBaseUrl = URL.canParse(url) && /^https?:\/\/[^/?#@\s]+(\/[^?#\s]*)?$/i.test(url);
    const name = isBaseUrl ? hostName(new URL(url).host) : undefined;
    if (name === undefined) {
      throw new PanalError(
        "invalid",
        `--advertise ${JSON.stringify(url)}: expected an http or https base URL`,
      );
    }
    hosts.add(name);
  }
  return hosts;
}

async function readTls({ certFile, keyFile }: { certFile: string; keyFile: string }) {
  const read = async (option: string, file: string) => {
    try {
      return await readFile(file);
    } catch (error) {
      const { message } = PanalError.from(error);
      throw new PanalError("invalid", `${option} ${file}: ${message}`, { cause: error });
    }
  };
  const tls = { cert: await read("--tls-cert", certFile), key: await read("--tls-key", keyFile) };
  try {
    createSecureContext(tls);
  } catch (error) {
    throw new PanalError(
      "invalid",
      `--tls-cert ${certFile}, --tls-key ${keyFile}: not a certificate and its key in PEM (${PanalError.from(error).message})`,
      { cause: error },
    );
  }
  return tls;
}
