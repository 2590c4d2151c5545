import { type Remote, wrap } from "comlink";
// oxlint-disable-next-line import/default -- Vite makes it: the URL of the built worker
import workerUrl from "./engine.worker.ts?worker&url";
// oxlint-disable-next-line import/default -- as above
import pdfWorkerUrl from "pdfjs-dist/build/pdf.worker.min.mjs?worker&url";
import { type Engine, SERVICE_WORKER_URL } from "./engine-api.ts";
import { createLaterWorker } from "./later-worker.ts";
import { createStreams, type Streams } from "./streams.ts";
import { trustedScriptUrls } from "./trusted-script.ts";

/** The engine, whose worker starts when the page has time for it. One for each tab: it holds every transfer and lives as long as the page. */
export function startEngine(): {
  engine: Remote<Engine>;
  streams: Streams;
  /** A new worker that reads PDFs; its caller ends it. */
  startPdfWorker(): Worker;
  startWorker(): void;
  onCrash(listener: () => void): void;
} {
  const [trustedWorkerUrl, trustedServiceWorkerUrl, trustedPdfWorkerUrl] = trustedScriptUrls([
    workerUrl,
    SERVICE_WORKER_URL,
    pdfWorkerUrl,
  ]);
  const { endpoint, start, onCrash } = createLaterWorker(
    () => new Worker(trustedWorkerUrl, { type: "module", name: "panal-engine" }),
  );
  const engine = wrap<Engine>(endpoint);
  return {
    engine,
    streams: createStreams({ engine, scriptUrl: trustedServiceWorkerUrl }),
    startPdfWorker: () => new Worker(trustedPdfWorkerUrl, { type: "module", name: "panal-pdf" }),
    startWorker: start,
    onCrash,
  };
}
