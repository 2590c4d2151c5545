import { PanalError } from "@panal/sdk";
import { type ComponentType, lazy } from "react";
import { SearchView } from "../features/search/search-view.tsx";
import { loadMoreTexts } from "./i18n.ts";
import type { Route } from "./route.ts";

/** A view with words of its own. */
async function saying<View>(load: () => Promise<View>): Promise<View> {
  const [view] = await Promise.all([load(), loadMoreTexts()]);
  return view;
}

/** Each view is a file of its own, fetched when it is first shown; but for the search, which comes with the app. */
const LOADERS = {
  file: async () => (await import("../features/file/file-sheet.tsx")).FileSheet,
  watch: async () => (await import("../features/watch/watch-view.tsx")).WatchView,
  transfers: async () => (await import("../features/transfers/transfers-view.tsx")).TransfersView,
  share: () => saying(async () => (await import("../features/share/share-view.tsx")).ShareView),
  peers: () => saying(async () => (await import("../features/peers/peers-view.tsx")).PeersView),
  peer: () => saying(async () => (await import("../features/peers/peer-view.tsx")).PeerView),
  doctor: async () => (await import("../features/doctor/doctor-view.tsx")).DoctorView,
};

export { SearchView };
export const FileSheet = lazyView(LOADERS.file);
export const WatchView = lazyView(LOADERS.watch);
export const TransfersView = lazyView(LOADERS.transfers);
export const ShareView = lazyView(LOADERS.share);
export const PeersView = lazyView(LOADERS.peers);
export const PeerView = lazyView(LOADERS.peer);
export const DoctorView = lazyView(LOADERS.doctor);

/** Starts to fetch what a page shows. Settles when it is there, or can't be had: then the view itself says so. */
export async function preloadView(page: Route["page"]): Promise<void> {
  if (page === "unknown" || page === "search") return;
  await LOADERS[page]().catch(() => {});
}

/** A view that throws "unreachable" when its script is gone: the app was updated, or the tracker doesn't answer. */
function lazyView<Props extends object>(load: () => Promise<ComponentType<Props>>) {
  return lazy(async () => {
    try {
      return { default: await load() };
    } catch (error) {
      throw new PanalError("unreachable", "a view could not be loaded", { cause: error });
    }
  });
}
