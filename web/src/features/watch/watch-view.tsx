import { baseName, displayName, type FileId, fileIdLength, mediaTypeOf } from "@panal/sdk/content";
import { ArrowLeft, ShieldAlert, Unplug } from "lucide-react";
import { lazy, Suspense, useCallback, useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { stopWatching } from "../../app/place.ts";
import { Button } from "../../ui/button.tsx";
import { EmptyState } from "../../ui/empty-state.tsx";
import { useFile } from "../file/index.ts";
import { useTransfer, useTransfersState } from "../transfers/index.ts";
import { CannotShow } from "./cannot-show.tsx";
import { MediaPlayer } from "./media-player.tsx";
import { MAX_PDF_BYTES } from "./pdf-ranges.ts";
import { PictureViewer } from "./picture-viewer.tsx";
import { TextViewer } from "./text-viewer.tsx";
import { useWatchSource, type WatchSource } from "./use-watch-source.ts";

const PDF = "application/pdf";
/** Its reader comes when there is something to read. */
const PdfViewer = lazy(async () => ({ default: (await import("./pdf-viewer.tsx")).PdfViewer }));

interface WatchViewProps {
  fileId: FileId;
  openedAs: string | undefined;
}

/** A file played or shown while it comes, in the place of the list; its sheet stays beside it. */
export function WatchView({ fileId, openedAs }: WatchViewProps) {
  const { isLoaded } = useTransfersState();
  const transfer = useTransfer(fileId);
  const file = useFile(fileId);
  const names = (file.data?.names ?? []).map(({ path }) => baseName(path));
  const name = transfer?.name ?? openedAs ?? names[0];
  // The name says what it is, and what an earlier visit left decides where it comes from.
  if (!isLoaded || (name === undefined && file.isPending)) return <Looking fileId={fileId} />;
  return <KnownFile key={fileId} fileId={fileId} name={name ?? fileId} file={file} />;
}

function KnownFile(props: { fileId: FileId; name: string; file: ReturnType<typeof useFile> }) {
  const { fileId, file } = props;
  // What it is called at first: another name later would be another URL, and begin anew.
  const [name] = useState(props.name);
  const transfer = useTransfer(fileId);
  const [isUnplayable, setUnplayable] = useState(false);
  const how = isUnplayable ? "not" : howToShow(fileId, name);
  const source = useWatchSource({ fileId, name }, { how, transfer, details: file.data });
  const onUnplayable = useCallback(() => setUnplayable(true), []);
  useLeavingWhenRemoved(fileId, { isThere: transfer !== undefined, isWatched: how !== "not" });
  return (
    <Frame fileId={fileId} source={source}>
      <Viewer
        fileId={fileId}
        name={name}
        source={source}
        file={file}
        isUnplayable={isUnplayable}
        isWaiting={transfer?.phase.type === "waiting"}
        onUnplayable={onUnplayable}
      />
    </Frame>
  );
}

/** Whether a browser can show such a file here, as far as its name tells. */
function howToShow(fileId: FileId, name: string): "shown" | "fetched" | "not" {
  const { kind, inline, mime } = mediaTypeOf(name);
  if (!inline || (mime === PDF && fileIdLength(fileId) > MAX_PDF_BYTES)) return "not";
  return kind === "document" ? "fetched" : "shown";
}

interface ViewerProps {
  fileId: FileId;
  name: string;
  source: WatchSource;
  file: ReturnType<typeof useFile>;
  isUnplayable: boolean;
  isWaiting: boolean;
  onUnplayable(): void;
}

function Viewer({ fileId, name, source, file, isUnplayable, isWaiting, onUnplayable }: ViewerProps) {
  const { t } = useTranslation();
  const details = file.data;
  const { kind, inline, mime } = mediaTypeOf(name);
  const isPdf = mime === PDF;
  if (isPdf && (isUnplayable || fileIdLength(fileId) > MAX_PDF_BYTES)) {
    return <CannotShow name={name} details={details} why="pdf" />;
  }
  const isMedia = kind === "video" || kind === "audio";
  if (isUnplayable || (isMedia && !inline)) return <CannotShow name={name} details={details} why="format" />;
  if (!inline) return <CannotShow name={name} details={details} why="kind" />;
  if (source.type === "looking") return <Placeholder />;
  if (source.type === "nowhere") {
    return (
      <div className="flex flex-1 flex-col justify-center">
        <EmptyState icon={<Unplug />} title={t("file.gone")} hint={t("file.goneHint")} />
      </div>
    );
  }
  const { url } = source;
  if (isMedia) return <MediaPlayer {...{ kind, url, name, details, isWaiting, onUnplayable }} />;
  if (kind === "image") return <PictureViewer url={url} name={name} onUnplayable={onUnplayable} />;
  if (isPdf) {
    return (
      <Suspense fallback={<Placeholder />}>
        <PdfViewer {...{ fileId, url, name, onUnplayable }} />
      </Suspense>
    );
  }
  return <TextViewer fileId={fileId} url={url} />;
}

/** The way back, and what has to be said of where the bytes come from. */
function Frame({
  fileId,
  source,
  children,
}: {
  fileId: FileId;
  source: WatchSource;
  children: React.ReactNode;
}) {
  const { t } = useTranslation();
  return (
    <section aria-label={t("watch.title")} className="flex min-h-0 flex-1 flex-col max-lg:min-h-56">
      <div className="flex items-center gap-2 border-b border-line px-2 py-1">
        <Button look="quiet" icon={<ArrowLeft />} onClick={() => stopWatching(fileId)}>
          {t("watch.back")}
        </Button>
      </div>
      {source.type === "door" ? (
        <p
          role="status"
          data-testid="unchecked"
          className="flex gap-2 bg-honey-soft px-4 py-2 text-honey-ink wrap-anywhere"
        >
          <ShieldAlert className="mt-0.5 size-4 shrink-0" aria-hidden="true" />
          {t(source.why === "insecure" ? "watch.uncheckedInsecure" : "watch.uncheckedNoSpace", {
            name: displayName(source.peerName),
          })}
        </p>
      ) : null}
      {children}
    </section>
  );
}

function Looking({ fileId }: { fileId: FileId }) {
  return (
    <Frame fileId={fileId} source={{ type: "looking" }}>
      <Placeholder />
    </Frame>
  );
}

function Placeholder() {
  const { t } = useTranslation();
  return (
    <div role="status" className="flex min-h-48 flex-1 items-center justify-center bg-sunken text-muted">
      {t("common.loading")}
    </div>
  );
}

/** What is watched was discarded: there is nothing to play any more. */
function useLeavingWhenRemoved(
  fileId: FileId,
  { isThere, isWatched }: { isThere: boolean; isWatched: boolean },
): void {
  const wasThere = useRef(false);
  useEffect(() => {
    if (isThere || !isWatched) wasThere.current = isThere;
    else if (wasThere.current) stopWatching(fileId);
  }, [fileId, isThere, isWatched]);
}
