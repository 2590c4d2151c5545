import type { RateLimit } from "@panal/sdk";
import { listen } from "@panal/sdk/node";
import { createAllowedOrigins } from "../server/allowed-origins.ts";
import { type BlockPool, createBlockPool } from "../server/block-pool.ts";
import { createHealth } from "../server/health.ts";
import { createRequestHandler } from "../server/request-handler.ts";
import { type ServingPlaces, createServingPlaces } from "../server/serving-places.ts";
import { takeUploadConnection } from "../server/upload-connection.ts";
import { type OpenPeerUploadsOptions, type PeerUploads, openPeerUploads } from "../uploads/peer-uploads.ts";
import { type TestFolder, createTestFolder } from "./shared-folder.ts";
import type { FileHasher } from "../library/hash-pool.ts";
import type { Library } from "../library/library.ts";
import type { ReadableFile, ServedFiles } from "../library/served-files.ts";

export const ALLOWED_ORIGIN = "http://app.example:7070";

export interface TestPeer extends TestFolder, TestServer {
  readonly library: Library;
  /** Those that are being sent. */
  readonly openFiles: ReadonlySet<ReadableFile>;
  readonly uploads: PeerUploads | undefined;
  close(): Promise<void>;
}

/** A peer on loopback, at a port the system chooses, without a tracker. */
export async function startTestPeer(
  files: Readonly<Record<string, Uint8Array | string>>,
  options: TestServerOptions & {
    /** Puts more into the share than `files`. */
    prepare?: (root: string) => Promise<void>;
    hasher?: FileHasher;
    /** Takes uploads. */
    takes?: Omit<OpenPeerUploadsOptions, "share" | "statePath" | "files">;
  } = {},
): Promise<TestPeer> {
  const folder = await createTestFolder();
  for (const [path, content] of Object.entries(files)) await folder.write(path, content);
  await options.prepare?.(folder.root);
  const library = folder.open(options.hasher === undefined ? {} : { hasher: options.hasher });
  await library.settled();
  const openFiles = new Set<ReadableFile>();
  const uploads =
    options.takes &&
    (await openPeerUploads({
      ...options.takes,
      share: { shareRoot: folder.root, includeHidden: false },
      statePath: folder.outside,
      files: library,
    }));
  const served = await serveOnLoopback(
    {
      ...library,
      async open(fileId) {
        const file = await library.open(fileId);
        if (file === undefined) return undefined;
        openFiles.add(file);
        return { ...file, close: () => file.close().finally(() => openFiles.delete(file)) };
      },
    },
    { ...options, ...(uploads === undefined ? {} : { uploads }) },
  );
  return {
    ...folder,
    ...served,
    library,
    openFiles,
    uploads,
    async close() {
      await served.close();
      await uploads?.close();
      await folder.close();
    },
  };
}

export interface TestServer {
  readonly url: string;
  readonly port: number;
  readonly places: ServingPlaces;
  readonly pool: BlockPool;
  close(): Promise<void>;
}

interface TestServerOptions {
  maxClients?: number;
  uploadLimit?: RateLimit;
  tls?: { cert: string; key: string };
  uploads?: PeerUploads;
}

/** Whatever a peer may serve, at a port the system chooses. */
export async function serveOnLoopback(
  files: ServedFiles,
  options: TestServerOptions = {},
): Promise<TestServer> {
  const places = createServingPlaces(options);
  const pool = createBlockPool();
  const listening = await listen({
    host: "127.0.0.1",
    port: 0,
    tls: options.tls,
    ...(options.uploads === undefined ? {} : { takeConnection: takeUploadConnection }),
    handler: createRequestHandler({
      files,
      profile: {
        name: "Test",
        version: "test/1",
        peerId: () => "test-peer",
        acceptsUploads: options.uploads !== undefined,
        uploadNeedsCode: options.uploads?.code !== undefined,
      },
      uploads: options.uploads,
      places,
      pool,
      health: createHealth([]),
      origins: createAllowedOrigins([ALLOWED_ORIGIN]),
      allowedHosts: new Set(["peer.example"]),
      nonce: () => "the-nonce",
    }),
  });
  return {
    url: `http://127.0.0.1:${listening.port}`,
    port: listening.port,
    places,
    pool,
    close: () => listening.close(0),
  };
}
