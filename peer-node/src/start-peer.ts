import { readFile } from "node:fs/promises";
import { hostname } from "node:os";
import { join } from "node:path";
import { createSecureContext } from "node:tls";
import { PanalError, createTrackerClient, displayName } from "@panal/sdk";
import { PeerService } from "@panal/sdk/proto";
import packageJson from "../package.json" with { type: "json" };
import { type AnnounceState, startAnnouncing } from "./announce.ts";
import { createHashPool } from "./library/hash-pool.ts";
import { openIndexDb } from "./library/index-db.ts";
import { type LibraryStatus, openLibrary } from "./library/library.ts";
import { resolveShareRoot } from "./library/share-root.ts";
import { watchFolder } from "./library/watch.ts";
import { peerUrls } from "./peer-addresses.ts";
import { createIdentityFile } from "./peer-identity.ts";
import { hostName } from "./server/allowed-host.ts";
import { createAllowedOrigins, isOrigin } from "./server/cross-origin.ts";
import { createHealth } from "./server/health.ts";
import { listen } from "./server/listen.ts";
import { createRequestHandler } from "./server/request-handler.ts";
import { createServingSlots } from "./server/serving-slots.ts";
import { defaultStatePath, openStateFolder } from "./state-folder.ts";

/** What is under way when a peer stops has this long to end. */
const DRAIN_MS = 10_000;
const MAX_NAME_LENGTH = 64;
/**
 * Looking at a folder before its changes are watched means looking twice, so that waits for the watcher; but no longer
 * than this, since in a very large folder the watcher takes its time.
 */
const WATCH_FIRST_MS = 2_000;

export interface StartPeerOptions {
  /** The folder to share. */
  folder: string;
  /** Undefined: serves, and announces itself nowhere. */
  trackerUrl?: string | undefined;
  /** Default 7071; 0: the system chooses. */
  port?: number;
  /** Default: all interfaces. */
  host?: string | undefined;
  /** For people; default the name of the machine. */
  name?: string | undefined;
  /** Default: a folder of the user's, named by share and port. */
  state?: string | undefined;
  /** Base URLs to announce instead of those of the interfaces. */
  advertise?: readonly string[];
  /** Host names under which it may be reached. */
  allowHosts?: readonly string[];
  /** Origins whose pages may read from it, besides those the tracker names. */
  allowOrigins?: readonly string[];
  /** PEM files. */
  tls?: { certFile: string; keyFile: string } | undefined;
  /** Whether names that begin with a dot are shared, too. */
  includeHidden?: boolean;
  onEvent?: (event: PeerEvent) => void;
}

/** What happens to a running peer, for people. */
export type PeerEvent =
  | { readonly type: "tracker"; readonly state: AnnounceState }
  | { readonly type: "watch"; readonly state: { type: "watching" } | { type: "polling"; error: PanalError } }
  | { readonly type: "index"; readonly error: PanalError }
  | { readonly type: "root"; readonly state: { type: "lost"; error: PanalError } | { type: "back" } };

export interface RunningPeer {
  /** On this machine. */
  readonly url: string;
  /** All it announces. */
  readonly urls: readonly string[];
  readonly port: number;
  /** Real path of the share. */
  readonly root: string;
  readonly name: string;
  status(): LibraryStatus;
  /** Settles when nothing is left to hash. */
  settled(): Promise<void>;
  /** Logs out, lets answers under way end for ten seconds at most, stops. */
  close(): Promise<void>;
}

export const DEFAULT_PEER_PORT = 7071;

/**
 * Shares a folder. Throws "not-found", "no-permission" or "invalid" for the folder or an option, "conflict" when the port
 * or the state folder is in use.
 */
export async function startPeer(options: StartPeerOptions): Promise<RunningPeer> {
  const { port = DEFAULT_PEER_PORT, onEvent } = options;
  const root = await resolveShareRoot(options.folder);
  const tracker =
    options.trackerUrl === undefined ? undefined : createTrackerClient({ url: options.trackerUrl });
  const name = parseName(options.name ?? hostname());
  const origins = createAllowedOrigins(parseOrigins(options.allowOrigins ?? []));
  const allowedHosts = parseHosts(options);
  const tls = options.tls && (await readTls(options.tls));
  const state = await openStateFolder(options.state ?? defaultStatePath(root, port), root);

  // Undone in reverse, whether starting fails half-way or the peer is closed.
  const closers: (() => Promise<void>)[] = [() => state.lock.release()];
  const closeAll = async () => {
    for (const close of closers.splice(0).reverse()) await close();
  };
  try {
    const hasher = createHashPool();
    closers.push(() => hasher.close());
    const watched = Promise.withResolvers<void>();
    setTimeout(watched.resolve, WATCH_FIRST_MS).unref();
    const library = openLibrary({
      root,
      begin: watched.promise,
      index: openIndexDb({
        path: join(state.path, "index.db"),
        nowMs: Date.now(),
        onLost: (error) => onEvent?.({ type: "index", error }),
      }),
      hasher,
      includeHidden: options.includeHidden ?? false,
      onRoot: (rootState) => onEvent?.({ type: "root", state: rootState }),
    });
    closers.push(() => {
      watched.resolve();
      return library.close();
    });

    let peerId = () => "";
    let nonce = () => "";
    const profile = { name, version: `panal-peer-node/${packageJson.version}` };
    const health = createHealth([PeerService.typeName]);
    const listening = await listen({
      host: options.host,
      port,
      tls,
      handler: createRequestHandler({
        files: library,
        profile: { ...profile, peerId: () => peerId() },
        slots: createServingSlots(),
        health,
        origins,
        allowedHosts,
        nonce: () => nonce(),
      }),
    });
    closers.push(() => listening.close(DRAIN_MS));

    const watch = watchFolder({
      root,
      onPaths: (paths) => {
        for (const path of paths) void library.refresh(path);
      },
      onState(watchState) {
        watched.resolve();
        onEvent?.({ type: "watch", state: watchState });
      },
    });
    closers.push(() => watch.close());

    const scheme = tls === undefined ? "http" : "https";
    const urls = () =>
      peerUrls({
        boundAddress: listening.address,
        port: listening.port,
        scheme,
        advertise: options.advertise ?? [],
      });
    if (tracker !== undefined) {
      const announcer = startAnnouncing({
        tracker,
        files: library,
        identity: createIdentityFile(join(state.path, "identity.json")),
        profile,
        urls,
        onWebOrigins: (list) => origins.setFromTracker(list),
        onState: (announceState) => onEvent?.({ type: "tracker", state: announceState }),
      });
      ({ peerId, nonce } = announcer);
      closers.push(() => announcer.close());
    }
    closers.push(async () => health.setNotServing());
    return {
      url: `${scheme}://${localHost(listening.address)}:${listening.port}`,
      urls: urls(),
      port: listening.port,
      root,
      name,
      status: () => library.status(),
      settled: () => library.settled(),
      close: closeAll,
    };
  } catch (error) {
    await closeAll();
    throw error;
  }
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
function parseHosts({ allowHosts = [], advertise = [] }: StartPeerOptions): ReadonlySet<string> {
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
