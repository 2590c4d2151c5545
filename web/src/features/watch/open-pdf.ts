import openJpegUrl from "pdfjs-dist/wasm/openjpeg.wasm?url";
import jbig2Url from "pdfjs-dist/wasm/jbig2.wasm?url";
import {
  AnnotationMode,
  getDocument,
  PDFDataRangeTransport,
  type PDFDocumentProxy,
  type PDFPageProxy,
  PDFWorker,
} from "pdfjs-dist";
import { fetchRange } from "./pdf-ranges.ts";

/** Asked for with one request. */
const RANGE_BYTES = 256 * 1024;
/** Decoded pictures within a page: 4 bytes a pixel. */
const MAX_PIXELS = 40_000_000;
/** What its reader wants besides, of ours: decoders of pictures as scanners make them. */
const DECODERS: ReadonlyMap<string, string> = new Map([
  ["openjpeg.wasm", openJpegUrl],
  ["jbig2.wasm", jbig2Url],
]);

export type { PDFDocumentProxy, PDFPageProxy };

interface OpenPdfOptions {
  readonly url: string;
  readonly lengthBytes: number;
  startWorker(): Worker;
  /** A part can't be had: the reader would wait for it for ever. */
  onPartMissing(error: unknown): void;
  readonly signal: AbortSignal;
}

/**
 * Opens a PDF of which only what is looked at is fetched. Its scripts, forms and links are never run: pages are drawn, and
 * nothing else. Rejects with what the reader says; `signal` closes it.
 */
export async function openPdf(options: OpenPdfOptions): Promise<PDFDocumentProxy> {
  const { url, lengthBytes, startWorker, onPartMissing, signal } = options;

  class Ranges extends PDFDataRangeTransport {
    override requestDataRange(start: number, end: number): void {
      fetchRange(url, { start, end }, signal).then(
        (bytes) => this.onDataRange(start, bytes),
        (error: unknown) => signal.aborted || onPartMissing(error),
      );
    }
  }

  signal.throwIfAborted();
  const port = startWorker();
  const worker = PDFWorker.create({ port });
  const task = getDocument({
    // Its beginning isn't known yet: it is asked for like the rest.
    range: new Ranges(lengthBytes, null),
    rangeChunkSize: RANGE_BYTES,
    disableAutoFetch: true,
    disableStream: true,
    worker,
    maxImageSize: MAX_PIXELS,
    enableXfa: false,
    useWorkerFetch: false,
    BinaryDataFactory: OwnDecoders,
    wasmUrl: "/assets/",
    verbosity: 0,
  });
  signal.addEventListener("abort", () => {
    void task
      .destroy()
      .catch(() => {})
      .finally(() => port.terminate());
  });
  return task.promise;
}

/** Gives the reader what is in DECODERS and nothing else. */
class OwnDecoders {
  async fetch({ filename }: { kind: string; filename: string }): Promise<Uint8Array> {
    const url = DECODERS.get(filename);
    if (url === undefined) throw new Error(`nothing here is called ${filename}`);
    const answer = await fetch(url);
    if (!answer.ok) throw new Error(`HTTP ${answer.status}`);
    return new Uint8Array(await answer.arrayBuffer());
  }
}

/** Draws a page; ends with `signal`. */
export async function drawPage(
  page: PDFPageProxy,
  { canvas, widthPx, signal }: { canvas: HTMLCanvasElement; widthPx: number; signal: AbortSignal },
): Promise<void> {
  const natural = page.getViewport({ scale: 1 });
  const viewport = page.getViewport({ scale: widthPx / natural.width });
  canvas.width = Math.round(viewport.width);
  canvas.height = Math.round(viewport.height);
  const task = page.render({ canvas, viewport, annotationMode: AnnotationMode.ENABLE });
  signal.addEventListener("abort", () => task.cancel());
  await task.promise;
}

/** What is written on a page, for ears. */
export async function textOfPage(page: PDFPageProxy): Promise<string> {
  const { items } = await page.getTextContent();
  return items.map((item) => ("str" in item ? item.str + (item.hasEOL ? "\n" : "") : "")).join("");
}

/** Whether the file itself is at fault, and not the way to it. */
export function isUnreadablePdf(error: unknown): boolean {
  return (
    error instanceof Error &&
    ["InvalidPDFException", "PasswordException", "FormatError", "UnknownErrorException"].includes(error.name)
  );
}
