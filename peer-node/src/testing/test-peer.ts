import { createAllowedOrigins } from "../server/cross-origin.ts";
import { createHealth } from "../server/health.ts";
import { listen } from "../server/listen.ts";
import { createRequestHandler } from "../server/request-handler.ts";
import { createServingSlots } from "../server/serving-slots.ts";
import { type TestFolder, createTestFolder } from "./shared-folder.ts";
import type { Library } from "../library/library.ts";

export const ALLOWED_ORIGIN = "http://app.example:7070";

export interface TestPeer extends TestFolder {
  readonly url: string;
  readonly port: number;
  readonly library: Library;
}

/** A peer on loopback, at a port the system chooses, without a tracker. */
export async function startTestPeer(
  files: Readonly<Record<string, Uint8Array | string>>,
  options: { maxServedAtOnce?: number; tls?: { cert: string; key: string } } = {},
): Promise<TestPeer> {
  const folder = await createTestFolder();
  for (const [path, content] of Object.entries(files)) await folder.write(path, content);
  const library = folder.open();
  await library.settled();
  const listening = await listen({
    host: "127.0.0.1",
    port: 0,
    tls: options.tls,
    handler: createRequestHandler({
      files: library,
      profile: { name: "Test", version: "test/1", peerId: () => "test-peer" },
      slots: createServingSlots(options.maxServedAtOnce),
      health: createHealth([]),
      origins: createAllowedOrigins([ALLOWED_ORIGIN]),
      allowedHosts: new Set(["peer.example"]),
      nonce: () => "the-nonce",
    }),
  });
  return {
    ...folder,
    url: `http://127.0.0.1:${listening.port}`,
    port: listening.port,
    library,
    async close() {
      await listening.close(0);
      await folder.close();
    },
  };
}
