import { displayName, type FileId, fileIdLength } from "@panal/sdk/content";
import { ZoomIn, ZoomOut } from "lucide-react";
import { useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { IconButton } from "../../ui/button.tsx";
import { LoadError } from "../../ui/load-error.tsx";
import { useFormats } from "../../ui/use-formats.ts";
import { isUnreadablePdf, openPdf, type PDFDocumentProxy } from "./open-pdf.ts";
import { PdfPage } from "./pdf-page.tsx";
import { useWatching } from "./streams-context.ts";

/** Of the width there is. */
const ZOOMS = [0.5, 0.75, 1, 1.5, 2, 3] as const;
const FIT = ZOOMS.indexOf(1);
/** Pages beyond are for a program of its own: each is an element of ours. */
const MAX_PAGES = 5_000;

type Opened =
  | { type: "opening" }
  | { type: "open"; pdf: PDFDocumentProxy; aspect: number }
  | { type: "failed"; error: unknown };

interface PdfViewerProps {
  fileId: FileId;
  url: string;
  name: string;
  onUnplayable(): void;
}

/** The pages of a PDF, one below the other; each is fetched and drawn when it is in sight. */
export function PdfViewer({ fileId, url, name, onUnplayable }: PdfViewerProps) {
  const { t } = useTranslation();
  const formats = useFormats();
  const { startPdfWorker } = useWatching();
  const [attempt, setAttempt] = useState(0);
  const [opened, setOpened] = useState<Opened>({ type: "opening" });
  const [zoom, setZoom] = useState(FIT);
  const [current, setCurrent] = useState(1);
  const scroller = useRef<HTMLDivElement>(null);

  useEffect(() => {
    const left = new AbortController();
    const { signal } = left;
    const fail = (error: unknown) => {
      if (signal.aborted) return;
      if (isUnreadablePdf(error)) onUnplayable();
      else setOpened({ type: "failed", error });
    };
    const lengthBytes = fileIdLength(fileId);
    openPdf({ url, lengthBytes, startWorker: startPdfWorker, onPartMissing: fail, signal })
      .then(async (pdf) => {
        const { width, height } = (await pdf.getPage(1)).getViewport({ scale: 1 });
        if (!signal.aborted) setOpened({ type: "open", pdf, aspect: height / width });
      })
      .catch(fail);
    return () => left.abort();
  }, [fileId, url, attempt, startPdfWorker, onUnplayable]);

  if (opened.type === "failed") {
    const onRetry = () => {
      setOpened({ type: "opening" });
      setAttempt(attempt + 1);
    };
    return <LoadError error={opened.error} onRetry={onRetry} />;
  }
  if (opened.type === "opening") {
    return (
      <div role="status" className="flex min-h-48 flex-1 items-center justify-center bg-sunken text-muted">
        {t("common.loading")}
      </div>
    );
  }
  const { pdf, aspect } = opened;
  const pages = Math.min(pdf.numPages, MAX_PAGES);
  return (
    <div className="flex min-h-0 flex-1 flex-col">
      <div className="flex items-center justify-between gap-2 border-b border-line bg-raised px-4">
        <span className="text-muted tabular">
          {t("watch.pageOf", { page: formats.count(current), pages: formats.count(pages) })}
        </span>
        <span className="flex">
          <IconButton
            label={t("watch.smaller")}
            icon={<ZoomOut />}
            disabled={zoom === 0}
            onClick={() => setZoom(zoom - 1)}
          />
          <IconButton
            label={t("watch.larger")}
            icon={<ZoomIn />}
            disabled={zoom === ZOOMS.length - 1}
            onClick={() => setZoom(zoom + 1)}
          />
        </span>
      </div>
      <div
        ref={scroller}
        data-testid="pdf"
        tabIndex={0}
        role="region"
        aria-label={displayName(name)}
        className="min-h-0 flex-1 overflow-auto bg-sunken p-3 -outline-offset-2"
      >
        <div
          className="mx-auto flex flex-col gap-3"
          style={{ width: `${ZOOMS[zoom]! * 100}%`, maxWidth: `${ZOOMS[zoom]! * 56}rem` }}
        >
          {Array.from({ length: pages }, (_, index) => (
            <PdfPage
              key={index}
              pdf={pdf}
              number={index + 1}
              aspect={aspect}
              scroller={scroller}
              onTop={setCurrent}
            />
          ))}
        </div>
      </div>
    </div>
  );
}
