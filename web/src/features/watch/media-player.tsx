import type { FileDetails } from "@panal/sdk";
import { displayName } from "@panal/sdk/content";
import { Captions, Gauge, LoaderCircle, Maximize, Music, PictureInPicture2 } from "lucide-react";
import { useCallback, useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { IconButton } from "../../ui/button.tsx";
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
  const media = useRef<HTMLMediaElement>(null);
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
  const shared = {
    "data-testid": "player",
    src: url,
    "aria-label": label,
    controls: true,
    autoPlay: true,
    preload: "auto",
    onWaiting: () => setStalled(true),
    onPlaying: () => setStalled(false),
    onSeeking: () => setStalled(true),
  } as const;
  return (
    <div className="flex min-h-0 flex-1 flex-col">
      <div
        ref={frame}
        className={`relative flex min-h-0 flex-1 items-center justify-center ${isVideo ? "bg-black" : "bg-sunken"}`}
      >
        {isVideo ? (
          <video
            {...shared}
            ref={media as React.RefObject<HTMLVideoElement | null>}
            playsInline
            className="max-h-full w-full lg:h-full"
          />
        ) : (
          <div className="flex w-full max-w-xl flex-col items-center gap-6 px-4 py-8 lg:gap-10">
            <span className="flex size-24 items-center justify-center rounded-3xl bg-honey-soft text-honey-ink lg:size-36">
              <Music className="size-10 stroke-[1.25] lg:size-14" aria-hidden="true" />
            </span>
            <audio {...shared} ref={media} className="w-full" />
          </div>
        )}
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

function SpeedSelect({ media }: { media: React.RefObject<HTMLMediaElement | null> }) {
  const { t, i18n } = useTranslation();
  const factor = new Intl.NumberFormat(i18n.language, { maximumFractionDigits: 2 });
  const [speed, setSpeed] = useState(1);
  useEffect(() => {
    const element = media.current;
    const onChange = () => setSpeed(element?.playbackRate ?? 1);
    element?.addEventListener("ratechange", onChange);
    return () => element?.removeEventListener("ratechange", onChange);
  }, [media]);
  return (
    <label className="flex h-10 items-center gap-2 text-muted">
      <Gauge className="size-[1.125rem] lg:hidden" aria-hidden="true" />
      <span className="max-lg:sr-only">{t("watch.speed")}</span>
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
              {`${factor.format(each)}×`}
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
      <Captions className="size-[1.125rem] lg:hidden" aria-hidden="true" />
      <span className="max-lg:sr-only">{t("watch.subtitles")}</span>
      <select
        value={chosen?.fileId ?? ""}
        onChange={({ target }) => onChoose(files.find(({ fileId }) => fileId === target.value))}
        className="h-9 max-w-48 min-w-0 max-lg:w-28 rounded-lg border border-line-strong bg-raised px-2 text-ink"
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
  media: React.RefObject<HTMLMediaElement | null>;
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
            else if (media.current instanceof HTMLVideoElement)
              void media.current.requestPictureInPicture().catch(() => {});
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
