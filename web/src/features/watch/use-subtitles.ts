import type { FileDetails } from "@panal/sdk";
import type { FileId } from "@panal/sdk/content";
import { useQuery } from "@tanstack/react-query";
import { type RefObject, useEffect, useState } from "react";
import { tracker } from "../../app/tracker.ts";
import { parseSubtitles } from "./parse-subtitles.ts";
import { useWatching } from "./streams-context.ts";
import { stemOf, type SubtitleFile, subtitlesBeside } from "./subtitle-files.ts";

/** Peers whose folders are looked into. */
const MAX_PEERS_ASKED = 3;
const MAX_FILES_ASKED = 50;

/** Subtitles that peers keep beside the film. */
export function useSubtitleFiles(details: FileDetails | null | undefined, isVideo: boolean): SubtitleFile[] {
  const peers = (details?.peers ?? []).slice(0, MAX_PEERS_ASKED);
  const { data = [] } = useQuery({
    queryKey: ["subtitles", ...peers.map(({ peerId, path }) => [peerId, path])],
    enabled: isVideo && peers.length > 0,
    staleTime: 60_000,
    queryFn: async ({ signal }) => {
      const pages = await Promise.allSettled(
        peers.map(async ({ peerId, path }) => {
          const query = { prefix: stemOf(path), limit: MAX_FILES_ASKED };
          return subtitlesBeside(path, (await tracker.listPeerFiles(peerId, query, { signal })).files);
        }),
      );
      const found = new Map<FileId, SubtitleFile>();
      for (const page of pages) {
        if (page.status === "fulfilled") for (const file of page.value) found.set(file.fileId, file);
      }
      return [...found.values()];
    },
  });
  return data;
}

/**
 * Shows one of them on the video: as cues of ours, made of text, so that nothing a peer wrote is parsed as more than that.
 * Gives whether it can't be had.
 */
export function useSubtitleTrack(
  video: RefObject<HTMLMediaElement | null>,
  chosen: SubtitleFile | undefined,
): boolean {
  const { readSmall } = useWatching();
  const [isMissing, setMissing] = useState(false);
  useEffect(() => {
    setMissing(false);
    if (chosen === undefined) return;
    let isWanted = true;
    let track: TextTrack | undefined;
    void readSmall(chosen.fileId).then((bytes) => {
      if (!isWanted || video.current === null) return;
      const cues = bytes === undefined ? [] : parseSubtitles(bytes);
      setMissing(cues.length === 0);
      track = video.current.addTextTrack("subtitles", chosen.label, chosen.language ?? "");
      track.mode = "showing";
      for (const { start, end, text } of cues) track.addCue(new VTTCue(start, end, text));
    });
    return () => {
      isWanted = false;
      // A track can't be removed, only emptied; the list of its cues shrinks meanwhile.
      if (track === undefined) return;
      for (const cue of Array.from(track.cues ?? [])) track.removeCue(cue);
      track.mode = "disabled";
    };
  }, [chosen, readSmall, video]);
  return isMissing;
}
