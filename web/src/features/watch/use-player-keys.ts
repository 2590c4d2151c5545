import { type RefObject, useEffect } from "react";
import { actionOfKey, type PlayerAction, speedAfter } from "./player-keys.ts";

/** Steers a player by the keys that players share, wherever on the page the focus is. */
export function usePlayerKeys(
  media: RefObject<HTMLMediaElement | null>,
  frame: RefObject<HTMLElement | null>,
  onCaptions: () => void,
): void {
  useEffect(() => {
    function onKeyDown(event: KeyboardEvent): void {
      if (event.defaultPrevented || event.altKey || event.ctrlKey || event.metaKey) return;
      const target = event.target instanceof Element ? event.target : null;
      if (target?.closest("input, textarea, select, [contenteditable], [role=menu], [role=dialog]")) return;
      // Buttons and links have these keys for themselves.
      const isOwnKey = event.key === " " || event.key.startsWith("Arrow") || event.key.length > 1;
      if (isOwnKey && target?.closest("button, a, canvas, [role=grid]")) return;
      const action = actionOfKey(event.key);
      if (action === undefined || media.current === null) return;
      // The browser's own controls would do it a second time.
      event.preventDefault();
      if (action.type === "captions") onCaptions();
      else perform(action, media.current, frame.current);
    }
    // Before the browser's controls see it.
    window.addEventListener("keydown", onKeyDown, { capture: true });
    return () => window.removeEventListener("keydown", onKeyDown, { capture: true });
  }, [media, frame, onCaptions]);
}

function perform(action: PlayerAction, media: HTMLMediaElement, frame: HTMLElement | null): void {
  switch (action.type) {
    case "toggle":
      if (media.paused) void media.play().catch(() => {});
      else media.pause();
      break;
    case "mute":
      media.muted = !media.muted;
      break;
    case "fullscreen":
      if (document.fullscreenElement === null) void frame?.requestFullscreen().catch(() => {});
      else void document.exitFullscreen();
      break;
    case "seekBy":
      media.currentTime = Math.max(0, media.currentTime + action.seconds);
      break;
    case "seekTo":
      if (Number.isFinite(media.duration)) media.currentTime = media.duration * action.fraction;
      break;
    case "volumeBy":
      media.volume = Math.max(0, Math.min(1, media.volume + action.step));
      break;
    case "speedBy":
      media.playbackRate = speedAfter(media.playbackRate, action.steps);
      break;
    case "captions":
      break;
  }
}
