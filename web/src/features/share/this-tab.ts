import { forgetShare, keepShare, listKeptShares } from "@panal/sdk/browser";
import { proxy, transfer } from "comlink";
import { startSharing } from "../../sharing/start-sharing.ts";
import { newId } from "./pick-roots.ts";
import { type ShareStore, createShareStore } from "./share-store.ts";

let store: ShareStore | undefined;

/** What this tab shares, from when it is first looked at until the page is gone, whatever view is shown. */
export function shareOfThisTab(): ShareStore {
  if (store !== undefined) return store;
  const tabId = newId();
  const created = createShareStore({
    tabId,
    async start(listener, onCrash) {
      const started = await startSharing(tabId, onCrash);
      if (started === undefined) return undefined;
      const { api, lockName } = started;
      await api.join({ id: tabId, lockName }, proxy(listener));
      return {
        add(roots, peerName) {
          const ports = roots.flatMap(({ source }) => (source.type === "growing" ? [source.port] : []));
          return api.add(tabId, transfer(roots, ports), peerName);
        },
        remove: (rootId) => api.remove(rootId),
        stop: () => api.stop(),
        leave: () => api.leave(tabId),
      };
    },
    kept: { list: listKeptShares, keep: keepShare, forget: forgetShare },
    sendLogout(lease) {
      navigator.sendBeacon("/logout", JSON.stringify({ lease }));
    },
  });
  addEventListener("pagehide", () => created.leave());
  store = created;
  return created;
}
