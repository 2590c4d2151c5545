import "./app/zod-without-eval.ts";
import "@fontsource-variable/inter/index.css";
import { PanalError } from "@panal/sdk";
import { CSPProvider } from "@base-ui/react/csp-provider";
import { QueryClientProvider } from "@tanstack/react-query";
import { proxy } from "comlink";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { startI18n } from "./app/i18n.ts";
import { queryClient } from "./app/query-client.ts";
import { parseRoute } from "./app/route.ts";
import { Shell } from "./app/shell.tsx";
import { startTheme } from "./app/theme.ts";
import { preloadView } from "./app/views.ts";
import "./app/styles.css";
import { startEngine } from "./engine/client.ts";
import { attendPage } from "./features/transfers/attend-page.ts";
import { saveUrl } from "./features/transfers/save-url.ts";
import { createSavesStore } from "./features/transfers/saves-store.ts";
import { type Watching, WatchingContext } from "./features/watch/streams-context.ts";
import { createSettingsKeeper } from "./features/transfers/transfer-settings.ts";
import { createTransfersStore } from "./features/transfers/transfers-store.ts";
import {
  SavesContext,
  TransferSettingsContext,
  TransfersContext,
} from "./features/transfers/use-transfers.ts";

startTheme();
await Promise.all([startI18n(), preloadView(parseRoute(location.pathname).page)]);

// Only now, so that the worker's script isn't fetched before those of the page.
const { engine, streams, startPdfWorker, onCrash } = startEngine();
// Nobody needs that at a first visit.
const savingFiles = () => import("./features/transfers/save-file.ts");
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
// The app opens without the tracker, next time. It isn't needed for what is shown first.
requestIdleCallback(() => void streams.ready());

requestIdleCallback(() => {
  void import("./features/share/start-seeding-if-wanted.ts").then(({ startSeedingIfWanted }) =>
    startSeedingIfWanted(transfers),
  );
});

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
