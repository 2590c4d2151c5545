import "./zod-without-eval.ts";
import { PanalError } from "@panal/sdk";
import { CSPProvider } from "@base-ui/react/csp-provider";
import { QueryClientProvider } from "@tanstack/react-query";
import { proxy, transfer } from "comlink";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { startEngine } from "../engine/client.ts";
import { searchAhead } from "../features/search/search-ahead.ts";
import { attendPage } from "../features/transfers/attend-page.ts";
import { saveUrl } from "../features/transfers/save-url.ts";
import { createSavesStore } from "../features/transfers/saves-store.ts";
import { createSettingsKeeper } from "../features/transfers/transfer-settings.ts";
import { createTransfersStore } from "../features/transfers/transfers-store.ts";
import {
  SavesContext,
  TransferSettingsContext,
  TransfersContext,
} from "../features/transfers/use-transfers.ts";
import { type Watching, WatchingContext } from "../features/watch/streams-context.ts";
import { startI18n } from "./i18n.ts";
import { queryClient } from "./query-client.ts";
import { parseRoute } from "./route.ts";
import { Shell } from "./shell.tsx";
import { preloadView } from "./views.ts";

const MAX_IDLE_WAIT_MS = 1_000;

/** Shows the app, with its first list if that comes soon; what nobody can want before starts after it. */
export async function startApp(): Promise<void> {
  const { page } = parseRoute(location.pathname);
  await Promise.all([
    startI18n(),
    preloadView(page),
    page === "search" ? searchAhead(location.search) : undefined,
  ]);

  const { engine, streams, startPdfWorker, startWorker, onCrash } = startEngine();
  // Nobody needs that at a first visit.
  const savingFiles = () => import("../features/transfers/save-file.ts");
  const transfers = createTransfersStore({
    engine: {
      subscribe: (listener) => engine.subscribe(proxy(listener)),
      start: (request) => engine.start(request),
      pause: (fileId) => engine.pause(fileId),
      async discard(fileId) {
        const failure = await engine.discard(fileId);
        if (failure !== undefined) throw new PanalError(failure.code, failure.message);
      },
      keep: (request) => engine.keep(request),
      listKept: () => engine.listKept(),
      watch: (request) => engine.watch(request),
      unwatch: (fileId) => engine.unwatch(fileId),
      openSeed: (fileId, port) => engine.openSeed(fileId, transfer(port, [port])),
      setOwnPeer: (peerId) => engine.setOwnPeer(peerId),
    },
    now: () => performance.now(),
    after(ms, run) {
      const timer = setTimeout(run, ms);
      return () => clearTimeout(timer);
    },
    // When it doesn't work, "Save again" is there.
    onKept: ({ fileId, name }) =>
      void savingFiles()
        .then(({ saveKeptFile }) => saveKeptFile(fileId, name))
        .catch(() => false),
    onRemoved: (fileId) =>
      void savingFiles()
        .then(({ forgetKeptFile }) => forgetKeptFile(fileId))
        .catch(() => {}),
  });
  onCrash(() => transfers.crashed());
  const saves = createSavesStore({
    engine: {
      subscribeSaves: (listener) => engine.subscribeSaves(proxy(listener)),
      openSave: (request) => engine.openSave(request),
      cancelSave: (id) => engine.cancelSave(id),
      isSame: (fileId, handle) => engine.isSame(fileId, handle),
    },
    streams,
    newId: () => crypto.randomUUID(),
    saveUrl,
  });
  const settings = createSettingsKeeper({
    // Asked for only then: where storage is forbidden, that alone throws.
    storage: {
      getItem: (key) => localStorage.getItem(key),
      setItem: (key, value) => localStorage.setItem(key, value),
    },
    apply({ atOnce, bytesPerSecond }) {
      transfers.setAtOnce(atOnce);
      void engine.setSpeedLimit(bytesPerSecond === 0 ? undefined : bytesPerSecond);
    },
  });
  attendPage({ transfers, saves });
  const watching: Watching = {
    ...streams,
    readSmall: (fileId) => engine.readSmall(fileId),
    openPeek: (fileId) => engine.openPeek(fileId),
    closePeek: (fileId) => void engine.closePeek(fileId),
    startPdfWorker,
  };

  createRoot(document.getElementById("root")!).render(
    <StrictMode>
      <CSPProvider disableStyleElements>
        <QueryClientProvider client={queryClient}>
          <TransfersContext value={transfers}>
            <SavesContext value={saves}>
              <TransferSettingsContext value={settings}>
                <WatchingContext value={watching}>
                  <Shell />
                </WatchingContext>
              </TransferSettingsContext>
            </SavesContext>
          </TransfersContext>
        </QueryClientProvider>
      </CSPProvider>
    </StrictMode>,
  );

  // None of these is needed for what is shown first: after it, one after the other, whenever the page has nothing else to do.
  await whenShown();
  await whenIdle();
  startWorker();
  await whenIdle();
  // The app opens without the tracker, next time.
  void streams.ready();
  await whenIdle();
  const { startSeedingIfWanted } = await import("../features/share/start-seeding-if-wanted.ts");
  await startSeedingIfWanted(transfers);
}

/** In a page that nobody looks at, nothing is ever drawn: it is waited for no longer than for idle time. */
function whenShown(): Promise<void> {
  return new Promise((resolve) => {
    requestAnimationFrame(() => resolve());
    setTimeout(resolve, MAX_IDLE_WAIT_MS);
  });
}

/** In a page that is busy, or that nobody looks at, not much later all the same. */
function whenIdle(): Promise<void> {
  return new Promise((resolve) => requestIdleCallback(() => resolve(), { timeout: MAX_IDLE_WAIT_MS }));
}
