import "../app/zod-without-eval.ts";
import { createTrackerClient } from "@panal/sdk";
import {
  createBrowserHashBlocks,
  createBrowserRelayTransport,
  forgetHashes,
  keepHashes,
  listKeptHashes,
} from "@panal/sdk/browser";
// oxlint-disable-next-line import/default -- Vite makes it: the URL of the built worker
import hashWorkerUrl from "@panal/sdk/hash-worker?worker&url";
import { type Endpoint, expose } from "comlink";
import { trustedScriptUrls } from "../engine/trusted-script.ts";
import type { SharingApi, SharingState } from "./sharing-api.ts";
import { createSharing } from "./sharing.ts";

/** Pages draw at most this often. */
const TELL_MS = 250;

const [trustedHashWorkerUrl] = trustedScriptUrls([hashWorkerUrl]);
const sharing = createSharing({
  tracker: createTrackerClient({ url: self.location.origin }),
  // A shared worker may start none: then it hashes by itself, which is beside every page already.
  hashBlocks: createBrowserHashBlocks({
    start: () => new Worker(trustedHashWorkerUrl, { type: "module", name: "panal-hash" }),
  }),
  hashKeeper: { list: listKeptHashes, keep: keepHashes, forget: forgetHashes },
  transportFor: createBrowserRelayTransport,
});
const listeners = new Map<string, (state: SharingState) => void>();

function tell(): void {
  const state = sharing.takeState();
  if (state === undefined) return;
  for (const listener of listeners.values()) listener(state);
}
setInterval(tell, TELL_MS);

/** The tab has closed, or crashed: its lock is free. */
async function leaveWithLock(tabId: string, lockName: string): Promise<void> {
  await navigator.locks.request(lockName, () => {});
  listeners.delete(tabId);
  await sharing.leave(tabId);
}

const api: SharingApi = {
  async join({ id, lockName }, listener) {
    listeners.set(id, listener);
    listener(sharing.state());
    if (lockName !== undefined) void leaveWithLock(id, lockName);
  },
  async add(tabId, roots, peerName) {
    sharing.add(tabId, roots, peerName);
    tell();
  },
  async remove(rootId) {
    const removed = sharing.remove(rootId);
    tell();
    await removed;
  },
  async stop() {
    const stopped = sharing.stop();
    tell();
    await stopped;
  },
  leave: (tabId) => sharing.leave(tabId),
};

// One for all tabs where there are shared workers; else this is the tab's own.
if ("onconnect" in self) {
  self.addEventListener("connect", (event) => {
    const [port] = (event as MessageEvent).ports;
    if (port !== undefined) expose(api, port as Endpoint);
  });
} else expose(api);
