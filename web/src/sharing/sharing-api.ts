import type { PanalErrorCode } from "@panal/sdk";
import type { FileId, Manifest } from "@panal/sdk/content";
import type { Reader } from "./readers.ts";

// Every message between a page and the worker that shares.

/** Where the bytes of what was picked are. */
export type RootSource =
  /** The browser can keep it, and asks for permission after a reload. */
  | { readonly type: "handle"; readonly handle: FileSystemFileHandle | FileSystemDirectoryHandle }
  /** It can't: gone with the tab. */
  | {
      readonly type: "files";
      /** Paths as within the folder; of a single file, its name. */
      readonly files: readonly { readonly path: string; readonly file: File }[];
      /** It is one file that was downloaded here, and verified then; without its manifest it is hashed. */
      readonly download?: { readonly manifest: Manifest | undefined };
    };

/** A file or folder somebody picked or dropped. */
export interface RootRequest {
  readonly id: string;
  readonly name: string;
  readonly kind: "file" | "folder";
  readonly source: RootSource;
}

/** One file that is being downloaded here: at the port is what of it can be had (SeedSource), as long as its tab is there. */
export interface GrowingSource {
  readonly type: "growing";
  readonly port: MessagePort;
  readonly manifest: Manifest;
}

/** What is to be shared: what was picked, what was downloaded here, or what is being so. */
export interface ShareRequest extends Omit<RootRequest, "source"> {
  readonly source: RootSource | GrowingSource;
}

/** One of those, as far as it is shared. */
export interface SharedRoot {
  readonly id: string;
  readonly tabId: string;
  /** Another than the picked one when that was taken. */
  readonly name: string;
  readonly kind: RootRequest["kind"];
  /** Downloaded here, not picked. */
  readonly isDownload: boolean;
  /** It isn't whole yet: others get what there is of it. */
  readonly isGrowing: boolean;
  readonly phase: "waiting" | "hashing" | "shared" | "failed";
  /** Shared by now. */
  readonly fileCount: number;
  /** Of what is found by now. */
  readonly totalBytes: number;
  readonly hashedBytes: number;
  /** Of files that an earlier page hashed, and that are as they were. */
  readonly knownBytes: number;
  /** Files that can't be shared: not readable, or changed since. */
  readonly failedCount: number;
  /** Of a single file. */
  readonly fileId?: FileId;
  readonly error?: { readonly code: PanalErrorCode; readonly message: string };
}

export type SharingConnection =
  | { readonly type: "off" }
  | { readonly type: "connecting" }
  | { readonly type: "sharing"; readonly peerId: string }
  /** Tried again by itself. */
  | { readonly type: "away"; readonly code: PanalErrorCode; readonly message: string }
  /** `no-relay`: this tracker has none. `replaced`: another process answers as this peer. */
  | { readonly type: "impossible"; readonly why: "no-relay" | "replaced" };

export interface SharingState {
  readonly connection: SharingConnection;
  readonly roots: readonly SharedRoot[];
  readonly readers: readonly Reader[];
  readonly sentBytes: number;
  readonly bytesPerSecond: number;
  /** Ends the peer's entry, for a page that closes. Secret. */
  readonly lease?: string;
}

export const NOTHING_SHARED: SharingState = {
  connection: { type: "off" },
  roots: [],
  readers: [],
  sentBytes: 0,
  bytesPerSecond: 0,
};

/** What the worker does for a page. */
export interface SharingApi {
  /** Tells the state now, and whenever it changes. With `lockName`, the tab is gone once its lock of that name is free. */
  join(
    tab: { id: string; lockName: string | undefined },
    listener: (state: SharingState) => void,
  ): Promise<void>;
  /** `peerName`: what others see. */
  add(tabId: string, roots: readonly ShareRequest[], peerName: string): Promise<void>;
  remove(rootId: string): Promise<void>;
  /** All that any tab shares. */
  stop(): Promise<void>;
  /** The tab closes: what it shares ends. */
  leave(tabId: string): Promise<void>;
}
