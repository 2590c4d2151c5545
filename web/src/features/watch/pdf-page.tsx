import { type RefObject, useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { useFormats } from "../../ui/use-formats.ts";
import { drawPage, type PDFDocumentProxy, textOfPage } from "./open-pdf.ts";

/** Drawn a little before it is in sight. */
const AHEAD = "50% 0px";
/** A page wider than this is drawn smaller and shown larger. */
const MAX_WIDTH_PX = 4_096;

interface PdfPageProps {
  pdf: PDFDocumentProxy;
  /** From 1 on. */
  number: number;
  /** Height by width, until its own is known. */
  aspect: number;
  scroller: RefObject<HTMLElement | null>;
  /** It is the one in the middle of what is seen. */
  onTop(number: number): void;
}

/** One page: drawn while it is in sight, and then forgotten. Its text is there for ears. */
export function PdfPage({ pdf, number, aspect, scroller, onTop }: PdfPageProps) {
  const { t } = useTranslation();
  const formats = useFormats();
  const box = useRef<HTMLDivElement>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const [widthPx, setWidthPx] = useState(0);
  const [ownAspect, setOwnAspect] = useState<number>();
  const [text, setText] = useState("");
  const [isSeen, setSeen] = useState(false);
  const [isDrawn, setDrawn] = useState(false);

  useEffect(() => {
    if (box.current === null) return;
    const root = scroller.current;
    const near = new IntersectionObserver(([entry]) => setSeen(entry?.isIntersecting === true), {
      root,
      rootMargin: AHEAD,
    });
    const middle = new IntersectionObserver(([entry]) => entry?.isIntersecting === true && onTop(number), {
      root,
      rootMargin: "-50% 0px",
    });
    const size = new ResizeObserver(([entry]) => setWidthPx(Math.floor(entry?.contentRect.width ?? 0)));
    near.observe(box.current);
    middle.observe(box.current);
    size.observe(box.current);
    return () => {
      near.disconnect();
      middle.disconnect();
      size.disconnect();
    };
  }, [scroller, number, onTop]);

  useEffect(() => {
    const element = canvas.current;
    if (!isSeen || widthPx === 0 || element === null) return;
    const left = new AbortController();
    const { signal } = left;
    void (async () => {
      const page = await pdf.getPage(number);
      if (signal.aborted) return;
      const { width, height } = page.getViewport({ scale: 1 });
      setOwnAspect(height / width);
      const drawnWidthPx = Math.min(MAX_WIDTH_PX, Math.round(widthPx * window.devicePixelRatio));
      await drawPage(page, { canvas: element, widthPx: drawnWidthPx, signal });
      setDrawn(true);
      setText(await textOfPage(page));
      page.cleanup();
      // What is wrong with one page is seen on it: it stays empty. A part that can't be had is told for all.
    })().catch(() => {});
    return () => {
      left.abort();
      setDrawn(false);
      // Its picture takes as much as a film's.
      element.width = 0;
      element.height = 0;
    };
  }, [pdf, number, isSeen, widthPx]);

  return (
    <div
      ref={box}
      data-testid="pdf-page"
      data-drawn={isDrawn}
      className="relative w-full bg-white shadow-sheet"
      style={{ aspectRatio: `1 / ${ownAspect ?? aspect}` }}
    >
      <canvas
        ref={canvas}
        role="img"
        aria-label={t("watch.pageOf", {
          page: formats.count(number),
          pages: formats.count(pdf.numPages),
        })}
        className="absolute inset-0 size-full"
      />
      <p className="sr-only">{text}</p>
    </div>
  );
}
