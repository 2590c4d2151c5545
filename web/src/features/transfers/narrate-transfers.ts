import type { PanalErrorCode } from "@panal/sdk";

/** So long nothing is said of what only goes on. */
const GAP_MS = 10_000;
/** Of how far all is, each tenth is said. */
const STEPS = 10;

/** Something on its way, or once on its way, as far as ears want to know. */
export interface Heard {
  readonly key: string;
  /** From outside. */
  readonly name: string;
  readonly state: "moving" | "waiting" | "resting" | "done" | "failed";
  readonly code?: PanalErrorCode | undefined;
}

/** What is worth saying aloud. */
export type News =
  | { readonly type: "progress"; readonly fraction: number }
  | { readonly type: "done" | "waiting"; readonly names: readonly string[] }
  | { readonly type: "failed"; readonly names: readonly string[]; readonly code: PanalErrorCode };

/**
 * Finds in all that changes several times a second the little that is to be said to somebody who doesn't see it: what stopped, at once; that
 * nobody answers; how far all is, now and then; and what has come, when nothing is on its way any more. So hundreds of small files are one sentence.
 */
export function createNarrator({ now, tell }: { now(): number; tell(news: readonly News[]): void }) {
  let before: ReadonlyMap<string, Heard["state"]> = new Map();
  let come: string[] = [];
  let step = 0;
  let progressAtMs = -Infinity;
  let waitingAtMs = -Infinity;

  /** All there is now, and how far what moves is together: 0 to 1; undefined when nothing does. */
  return (items: readonly Heard[], fraction: number | undefined): void => {
    // What an earlier page left is no news.
    const changed = items.filter(({ key, state }) => (before.get(key) ?? state) !== state);
    before = new Map(items.map(({ key, state }) => [key, state]));
    const namesOf = (state: Heard["state"]) => changed.filter((item) => item.state === state);
    const news: News[] = [];

    for (const [code = "internal", failed] of Map.groupBy(namesOf("failed"), (item) => item.code)) {
      news.push({ type: "failed", names: failed.map(({ name }) => name), code });
    }
    const waiting = namesOf("waiting").map(({ name }) => name);
    // Those who come and go would fill the ear.
    if (waiting.length > 0 && now() - waitingAtMs >= GAP_MS) {
      waitingAtMs = now();
      news.push({ type: "waiting", names: waiting });
    }
    come.push(...namesOf("done").map(({ name }) => name));
    if (fraction === undefined) {
      if (come.length > 0) news.push({ type: "done", names: come });
      [come, step, progressAtMs] = [[], 0, -Infinity];
    } else {
      const reached = Math.floor(fraction * STEPS);
      // A new one makes it less again.
      if (reached < step) step = reached;
      if (reached > step && now() - progressAtMs >= GAP_MS) {
        [step, progressAtMs] = [reached, now()];
        news.push({ type: "progress", fraction: reached / STEPS });
      }
    }
    if (news.length > 0) tell(news);
  };
}
