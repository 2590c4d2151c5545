/** What a key does to a player. */
export type PlayerAction =
  | { type: "toggle" | "mute" | "fullscreen" | "captions" }
  | { type: "seekBy"; seconds: number }
  | { type: "seekTo"; fraction: number }
  | { type: "volumeBy"; step: number }
  | { type: "speedBy"; steps: number };

export const SPEEDS: readonly number[] = [0.5, 0.75, 1, 1.25, 1.5, 2];

/** The keys that players on the web share. */
export function actionOfKey(key: string): PlayerAction | undefined {
  switch (key) {
    case " ":
    case "k":
      return { type: "toggle" };
    case "m":
      return { type: "mute" };
    case "f":
      return { type: "fullscreen" };
    case "c":
      return { type: "captions" };
    case "ArrowLeft":
      return { type: "seekBy", seconds: -5 };
    case "ArrowRight":
      return { type: "seekBy", seconds: 5 };
    case "j":
      return { type: "seekBy", seconds: -10 };
    case "l":
      return { type: "seekBy", seconds: 10 };
    case "ArrowUp":
      return { type: "volumeBy", step: 0.1 };
    case "ArrowDown":
      return { type: "volumeBy", step: -0.1 };
    case "<":
      return { type: "speedBy", steps: -1 };
    case ">":
      return { type: "speedBy", steps: 1 };
    case "Home":
      return { type: "seekTo", fraction: 0 };
    case "End":
      return { type: "seekTo", fraction: 1 };
    default:
      return /^\d$/.test(key) ? { type: "seekTo", fraction: Number(key) / 10 } : undefined;
  }
}

/** The next speed in the list, in that direction. */
export function speedAfter(current: number, steps: number): number {
  const at = SPEEDS.findIndex((speed) => speed >= current);
  const next = (at < 0 ? SPEEDS.length - 1 : at) + steps;
  return SPEEDS[Math.max(0, Math.min(SPEEDS.length - 1, next))]!;
}
