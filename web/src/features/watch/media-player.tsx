import type { FileDetails } from "@panal/sdk";
import { displayName } from "@panal/sdk/content";
import { LoaderCircle, Maximize, Music, PictureInPicture2 } from "lucide-react";
import { useCallback, useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { IconButton } from "../../ui/button.tsx";
import { useFormats } from "../../ui/use-formats.ts";
import { SPEEDS } from "./player-keys.ts";
import type { SubtitleFile } from "./subtitle-files.ts";
import { usePlayerKeys } from "./use-player-keys.ts";
import { useRecovery } from "./use-recovery.ts";
import { useSubtitleFiles, useSubtitleTrack } from "./use-subtitles.ts";

interface MediaPlayerProps {
  kind: "video" | "audio";
  url: string;
  name: string;
  details: FileDetails | null | undefined;
  /** No peer is there that has the next part. */
  isWaiting: boolean;
  onUnplayable(): void;
}

/** The browser's own player, and what it lacks: speed, subtitles from beside the film, keys. */
export function MediaPlayer({ kind, url, name, details, isWaiting, onUnplayable }: MediaPlayerProps) {
  const { t } = useTranslation();
  const media = useRef<HTMLVideoElement>(null);
  const frame = useRef<HTMLDivElement>(null);
  const [isStalled, setStalled] = useState(true);
  const isVideo = kind === "video";
  const subtitles = useSubtitleFiles(details, isVideo);
  const [chosen, setChosen] = useState<SubtitleFile>();
  const isMissing = useSubtitleTrack(media, chosen);
  const state = useRecovery(media, url);
  const toggleCaptions = useCallback(
    () => setChosen((before) => (before === undefined ? subtitles[0] : undefined)),
    [subtitles],
  );
  usePlayerKeys(media, frame, toggleCaptions);
  useEffect(() => {
    if (state.type === "unplayable") onUnplayable();
  }, [state, onUnplayable]);

  const label = displayName(name);
  const isHeldUp = isStalled && (isWaiting || state.type === "recovering");
  return (
    <div className="flex min-h-0 flex-1 flex-col">
      <div
        ref={frame}
        className={`relative flex min-h-0 flex-1 items-center justify-center ${isVideo ? "bg-black" : "bg-sunken"}`}
      >
        {isVideo ? null : (
          <Music className="absolute top-1/4 size-16 stroke-1 text-line-strong" aria-hidden="true" />
        )}
        {/* One element for both: a video element plays sound as well. Subtitles are added once somebody chooses them. */}
        <video
          ref={media}
          data-testid="player"
          src={url}
          aria-label={label}
          controls
          autoPlay
          playsInline
          preload="auto"
          className={
            isVideo ? "max-h-full w-full max-w-full lg:h-full" : "h-28 w-full max-w-xl self-end px-4"
          }
          onWaiting={() => setStalled(true)}
          onPlaying={() => setStalled(false)}
          onSeeking={() => setStalled(true)}
        />
        {isHeldUp ? (
          <p
            role="status"
            data-testid="held-up"
            className="absolute inset-x-4 top-4 mx-auto flex max-w-md items-center gap-3 rounded-xl bg-raised px-4 py-3 text-ink shadow-sheet"
          >
            <LoaderCircle
              className="size-5 shrink-0 text-honey-ink motion-safe:animate-spin"
              aria-hidden="true"
            />
            {t(isWaiting ? "watch.noPeer" : "watch.recovering")}
          </p>
        ) : null}
      </div>
      <div className="flex flex-wrap items-center gap-x-3 gap-y-1 border-t border-line px-4 py-1.5">
        <SpeedSelect media={media} />
        {subtitles.length === 0 ? null : (
          <SubtitleSelect files={subtitles} chosen={chosen} onChoose={setChosen} />
        )}
        {isMissing ? (
          <span role="status" className="text-failed-ink">
            {t("watch.subtitleMissing")}
          </span>
        ) : null}
        {isVideo ? <ScreenButtons media={media} frame={frame} /> : null}
      </div>
    </div>
  );
}

function SpeedSelect({ media }: { media: React.RefObject<HTMLVideoElement | null> }) {
  const { t } = useTranslation();
  const formats = useFormats();
  const [speed, setSpeed] = useState(1);
  useEffect(() => {
    const element = media.current;
    const onChange = () => setSpeed(element?.playbackRate ?? 1);
    element?.addEventListener("ratechange", onChange);
    return () => element?.removeEventListener("ratechange", onChange);
  }, [media]);
  return (
    <label className="flex h-10 items-center gap-2 text-muted">
      {t("watch.speed")}
      <select
        value={speed}
        onChange={({ target }) => {
          if (media.current !== null) media.current.playbackRate = Number(target.value);
        }}
        className="h-9 rounded-lg border border-line-strong bg-raised px-2 text-ink tabular"
      >
        {[...new Set([...SPEEDS, speed])]
          .sort((a, b) => a - b)
          .map((each) => (
            <option key={each} value={each}>
              {`${formats.count(each)}×`}
            </option>
          ))}
      </select>
    </label>
  );
}

function SubtitleSelect({
  files,
  chosen,
  onChoose,
}: {
  files: readonly SubtitleFile[];
  chosen: SubtitleFile | undefined;
  onChoose(file: SubtitleFile | undefined): void;
}) {
  const { t } = useTranslation();
  return (
    <label className="flex h-10 min-w-0 items-center gap-2 text-muted">
      {t("watch.subtitles")}
      <select
        value={chosen?.fileId ?? ""}
        onChange={({ target }) => onChoose(files.find(({ fileId }) => fileId === target.value))}
        className="h-9 max-w-48 min-w-0 rounded-lg border border-line-strong bg-raised px-2 text-ink"
      >
        <option value="">{t("watch.subtitlesOff")}</option>
        {files.map(({ fileId, label }) => (
          <option key={fileId} value={fileId}>
            {label}
          </option>
        ))}
      </select>
    </label>
  );
}

/** What browsers hide in menus, or in a corner that phones don't show. */
function ScreenButtons({
  media,
  frame,
}: {
  media: React.RefObject<HTMLVideoElement | null>;
  frame: React.RefObject<HTMLElement | null>;
}) {
  const { t } = useTranslation();
  return (
    <span className="ml-auto flex">
      {document.pictureInPictureEnabled ? (
        <IconButton
          label={t("watch.pictureInPicture")}
          icon={<PictureInPicture2 />}
          onClick={() => {
            if (document.pictureInPictureElement !== null) void document.exitPictureInPicture();
            else void media.current?.requestPictureInPicture().catch(() => {});
          }}
        />
      ) : null}
      {document.fullscreenEnabled ? (
        <IconButton
          label={t("watch.fullscreen")}
          icon={<Maximize />}
          onClick={() => void frame.current?.requestFullscreen().catch(() => {})}
        />
      ) : null}
    </span>
  );
}
