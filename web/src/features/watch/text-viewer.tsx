import { type FileId, fileIdLength } from "@panal/sdk/content";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { Button } from "../../ui/button.tsx";
import { LoadError } from "../../ui/load-error.tsx";
import { useFormats } from "../../ui/use-formats.ts";
import { fetchPart } from "./fetch-part.ts";

/** What is shown at first, and with each "more": some hundred screens. */
const PART_BYTES = 256 * 1024;
/** A page of more text than this is slow; who wants more of it downloads it. */
const MAX_SHOWN_BYTES = 4 * 1024 * 1024;

/** The beginning of a text, and more of it on demand. It is text and nothing else, whatever is in it. */
export function TextViewer({ fileId, url }: { fileId: FileId; url: string }) {
  const { t } = useTranslation();
  const formats = useFormats();
  const lengthBytes = fileIdLength(fileId);
  const [wantedBytes, setWantedBytes] = useState(PART_BYTES);
  const [shown, setShown] = useState<{ bytes: Uint8Array; error?: unknown }>({ bytes: new Uint8Array() });
  const goal = Math.min(wantedBytes, lengthBytes, MAX_SHOWN_BYTES);
  const shownBytes = shown.bytes.length;

  useEffect(() => {
    if (shownBytes >= goal || shown.error !== undefined) return;
    const left = new AbortController();
    fetchPart(url, { start: shownBytes, end: goal }, left.signal).then(
      (part) =>
        setShown(({ bytes }) => {
          const all = new Uint8Array(bytes.length + part.length);
          all.set(bytes);
          all.set(part, bytes.length);
          return { bytes: all };
        }),
      (error: unknown) => {
        if (!left.signal.aborted) setShown(({ bytes }) => ({ bytes, error }));
      },
    );
    return () => left.abort();
  }, [url, shownBytes, goal, shown.error]);

  const isCut = shownBytes >= MAX_SHOWN_BYTES && shownBytes < lengthBytes;
  return (
    <div className="min-h-0 flex-1 overflow-auto bg-raised px-5 py-4">
      <pre
        data-testid="text"
        tabIndex={0}
        className="max-w-[90ch] font-mono text-xs leading-relaxed whitespace-pre-wrap [overflow-wrap:anywhere] [unicode-bidi:plaintext]"
      >
        {decode(shown.bytes, shownBytes < lengthBytes)}
      </pre>
      {shown.error === undefined ? null : (
        <LoadError error={shown.error} onRetry={() => setShown(({ bytes }) => ({ bytes }))} />
      )}
      {lengthBytes === 0 ? <p className="text-muted">{t("watch.emptyFile")}</p> : null}
      {shownBytes < lengthBytes ? (
        <div className="mt-4 flex flex-wrap items-center gap-3 border-t border-line pt-3 pb-2">
          {isCut ? (
            <p className="text-muted">{t("watch.textCut", { shown: formats.bytes(shownBytes) })}</p>
          ) : (
            <Button disabled={shownBytes < goal} onClick={() => setWantedBytes(shownBytes + PART_BYTES)}>
              {t("watch.more")}
            </Button>
          )}
          <span className="text-muted tabular">
            {t("transfer.ofTotal", { done: formats.bytes(shownBytes), total: formats.bytes(lengthBytes) })}
          </span>
        </div>
      ) : null}
    </div>
  );
}

/** UTF-8 as far as it is that; a character that is cut at the end is left for the next part. */
function decode(bytes: Uint8Array, isPart: boolean): string {
  return new TextDecoder().decode(bytes, { stream: isPart });
}
