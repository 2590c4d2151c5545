import { join } from "node:path";
import type { PanalError } from "@panal/sdk";
import type { AnnounceState } from "./announce.ts";
import { createHashPool } from "./library/hash-pool.ts";
import { openIndexDb } from "./library/index-db.ts";
import { type LibraryStatus, openLibrary } from "./library/library.ts";
import { resolveShareRoot } from "./library/share-root.ts";
import { watchFolder } from "./library/watch.ts";
import { createIdentityFile } from "./peer-identity.ts";
import type { RelayState } from "./relay/relay-link.ts";
import { type ServeOptions, parseServeOptions, serve } from "./serve.ts";
import { type UploadSettings, openPeerUploads } from "./uploads/peer-uploads.ts";
import type { ReceivedFile } from "./uploads/uploads.ts";
import { defaultStatePath, openStateFolder } from "./state-folder.ts";

/**
 * Looking at a folder before its changes are watched means looking twice, so that waits for the watcher; but no longer
 * than this, since in a very large folder the watcher takes its time.
 */
const WATCH_FIRST_MS = 2_000;

export interface StartPeerOptions extends Omit<ServeOptions, "port"> {
  /** The folder to share. */
  folder: string;
  /** Default 7071; 0: the system chooses. */
  port?: number;
  /** Default: a folder of the user's, named by share and port. */
  state?: string | undefined;
  /** Whether names that begin with a dot are shared, too. */
  includeHidden?: boolean;
  /** How uploads are taken; undefined: they aren't. */
  uploads?: UploadSettings | undefined;
  onEvent?: (event: PeerEvent) => void;
}

/** What happens to a running peer, for people. */
export type PeerEvent =
  | { readonly type: "tracker"; readonly state: AnnounceState }
  | { readonly type: "relay"; readonly state: RelayState }
  | { readonly type: "watch"; readonly state: { type: "watching" } | { type: "polling"; error: PanalError } }
  | { readonly type: "received"; readonly file: ReceivedFile }
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
  /** Where uploads go and the code they need; undefined when none are taken. */
  readonly uploads: { readonly inbox: string; readonly code: string | undefined } | undefined;
  /** Empty while no tracker gave it one. */
  peerId(): string;
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
  const settings = await parseServeOptions({ ...options, port });
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

    const uploads =
      options.uploads &&
      (await openPeerUploads({
        settings: options.uploads,
        share: { shareRoot: root, includeHidden: options.includeHidden ?? false },
        statePath: state.path,
        files: library,
        onReceived: (file) => onEvent?.({ type: "received", file }),
      }));
    if (uploads !== undefined) closers.push(() => uploads.close());

    const server = await serve(library, settings, {
      uploads,
      identity: createIdentityFile(join(state.path, "identity.json")),
      onState: (announceState) => onEvent?.({ type: "tracker", state: announceState }),
      onRelay: (relayState) => onEvent?.({ type: "relay", state: relayState }),
    });
    closers.push(() => server.close());

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

    return {
      url: server.url,
      urls: server.urls,
      port: server.port,
      root,
      name: settings.name,
      uploads: uploads && { inbox: uploads.inbox.root, code: uploads.code },
      peerId: () => server.peerId(),
      status: () => library.status(),
      settled: () => library.settled(),
      close: closeAll,
    };
  } catch (error) {
    await closeAll();
    throw error;
  }
}
