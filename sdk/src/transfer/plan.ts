import type { PieceRun } from "../content/piece-set.ts";

// Who fetches what next: a pure function of plain data. The loop in download.ts has no opinions of its own.

/** A piece goes from absent to verified; only a failed one goes back to absent. */
export const PIECE_ABSENT = 0;
/** In a run, or received and being checked or written. */
export const PIECE_TAKEN = 1;
export const PIECE_VERIFIED = 2;

export interface PlanSource {
  readonly id: string;
  has(pieceIndex: number): boolean;
  /** Undefined before it was measured. */
  readonly bytesPerSecond: number | undefined;
  /** Further runs it may be asked for now; 0 while it waits after a failure. */
  readonly freeSlots: number;
}

/** A request that is under way. */
export interface PlanRun {
  readonly id: number;
  readonly sourceId: string;
  /** The piece that is coming in. */
  readonly next: number;
  /** Behind the last piece of the run. */
  readonly end: number;
  /** Of piece `next`. */
  readonly receivedBytes: number;
}

export interface PlanState {
  readonly pieceLength: number;
  /** One PIECE_* for each piece. */
  readonly pieces: Uint8Array;
  /** No piece before this one is absent. */
  readonly firstAbsent: number;
  readonly absentCount: number;
  readonly sources: readonly PlanSource[];
  readonly runs: readonly PlanRun[];
  /** Runs that may be added, so that every one has a buffer. */
  readonly freeRuns: number;
  /** Pieces somebody is reading along: they come first, those of the first window before those of the next. */
  readonly windows?: readonly PieceRun[];
  /** Nothing else is wanted for now. */
  readonly isOnlyWindows?: boolean;
  /** How many sources that have only some pieces have each: the rarest come first. Undefined: the order of the file. */
  readonly holders?: Uint16Array | undefined;
  /** The piece to begin with among equally rare ones. */
  readonly beginAt?: number;
}

export interface Assignment {
  readonly sourceId: string;
  readonly run: PieceRun;
  /** The run whose tail this is: it ends at `run.start` from now on. Its source was slower. */
  readonly stolenFrom?: number;
  /** The piece is on its way from another source too: the first one to bring it wins. */
  readonly isDuplicate: boolean;
}

/** A run should take about this long: few round trips, yet little to take back from a source that slows down. */
const RUN_SECONDS = 3;
/** Near the end, too: each request costs a round trip, and what is too much for one can be stolen from it. */
const MIN_RUN_SECONDS = 0.25;
const MAX_SHORT_RUN_BYTES = 16 * 1024 * 1024;
const MAX_RUN_BYTES = 64 * 1024 * 1024;
/** What somebody waits for is asked for in small parts, so that a slow source doesn't keep much of it. */
const READING_RUN_SECONDS = 1;
const MAX_READING_RUN_BYTES = 4 * 1024 * 1024;
/** First request to a source that was never measured. */
const FIRST_RUN_BYTES = 4 * 1024 * 1024;
/** For planning only, when no source has been measured yet. */
const ASSUMED_BYTES_PER_SECOND = 10 * 1024 * 1024;
/** A duplicate must promise to be this much faster than waiting. */
const DUPLICATE_GAIN = 1.5;
/** At most this many sources race for one piece. */
const MAX_RACERS = 2;

/** The next assignments, best first; none when everything that can be asked for has been. */
export function planNext(state: PlanState): Assignment[] {
  const draft = createDraft(state);
  const assignments: Assignment[] = [];
  // Round by round, the fastest first, so that each source gets its first run before any gets its second.
  const order = [...state.sources].sort((a, b) => draft.speedOf(b) - draft.speedOf(a));
  for (let round = 0; assignments.length < state.freeRuns; round++) {
    const before = assignments.length;
    for (const source of order) {
      if (round >= source.freeSlots || assignments.length >= state.freeRuns) continue;
      const assignment = freshRun(draft, source) ?? stolenRun(draft, source) ?? duplicateRun(draft, source);
      if (assignment === undefined) continue;
      draft.take(assignment);
      assignments.push(assignment);
    }
    if (assignments.length === before) break;
  }
  return assignments;
}

/** The state as it will be when the assignments made so far are carried out. */
interface Draft {
  readonly state: PlanState;
  absentCount: number;
  runs: { id: number; sourceId: string; next: number; end: number; receivedBytes: number }[];
  isAbsent(pieceIndex: number): boolean;
  speedOf(source: PlanSource): number;
  /** Seconds until the run has what it was asked for. */
  secondsLeft(run: PlanRun): number;
  take(assignment: Assignment): void;
}

function createDraft(state: PlanState): Draft {
  const measured = state.sources.flatMap((source) => source.bytesPerSecond ?? []);
  const meanSpeed =
    measured.length === 0
      ? ASSUMED_BYTES_PER_SECOND
      : measured.reduce((sum, speed) => sum + speed, 0) / measured.length;
  const sourcesById = new Map(state.sources.map((source) => [source.id, source]));
  const taken = new Set<number>();
  const runCounts = new Map<string, number>();
  for (const run of state.runs) runCounts.set(run.sourceId, (runCounts.get(run.sourceId) ?? 0) + 1);

  const draft: Draft = {
    state,
    absentCount: state.absentCount,
    runs: state.runs.map((run) => ({ ...run })),
    isAbsent: (pieceIndex) => state.pieces[pieceIndex] === PIECE_ABSENT && !taken.has(pieceIndex),
    speedOf: (source) => source.bytesPerSecond ?? meanSpeed,
    secondsLeft(run) {
      const source = sourcesById.get(run.sourceId);
      const speed = source === undefined ? 0 : draft.speedOf(source) / (runCounts.get(run.sourceId) ?? 1);
      return ((run.end - run.next) * state.pieceLength - run.receivedBytes) / speed;
    },
    take({ sourceId, run, stolenFrom }) {
      for (let index = run.start; index < run.end; index++) {
        if (draft.isAbsent(index)) draft.absentCount--;
        taken.add(index);
      }
      const victim = draft.runs.find(({ id }) => id === stolenFrom);
      if (victim !== undefined) victim.end = run.start;
      runCounts.set(sourceId, (runCounts.get(sourceId) ?? 0) + 1);
      draft.runs.push({ id: -1, sourceId, next: run.start, end: run.end, receivedBytes: 0 });
    },
  };
  return draft;
}

/** The first stretch nobody fetches: of what is read along, else of the file. */
function freshRun(draft: Draft, source: PlanSource): Assignment | undefined {
  const { state } = draft;
  if (draft.absentCount === 0) return undefined;
  for (const window of state.windows ?? []) {
    const start = firstAbsentIn(draft, source, window);
    if (start === undefined) continue;
    const length = Math.min(runLength(draft, source), readingRunLength(draft, source));
    return runFrom(draft, source, { start, end: Math.min(start + length, window.end) });
  }
  if (state.isOnlyWindows === true) return undefined;
  const start =
    state.holders === undefined
      ? firstAbsentIn(draft, source, { start: state.firstAbsent, end: state.pieces.length })
      : rarestAbsent(draft, source, state.holders);
  if (start === undefined) return undefined;
  return runFrom(draft, source, { start, end: start + runLength(draft, source) });
}

/** As much of a run, whose first piece can be had, as can be had in one. */
function runFrom(draft: Draft, source: PlanSource, longest: PieceRun): Assignment {
  const { start } = longest;
  let end = start + 1;
  const last = Math.min(longest.end, draft.state.pieces.length);
  while (end < last && draft.isAbsent(end) && source.has(end)) end++;
  return { sourceId: source.id, run: { start, end }, isDuplicate: false };
}

function firstAbsentIn(draft: Draft, source: PlanSource, { start, end }: PieceRun): number | undefined {
  for (let index = start; index < end; index++) if (draft.isAbsent(index) && source.has(index)) return index;
  return undefined;
}

/**
 * Of what the source has, the piece the fewest others have: whoever has only some will then soon have something that
 * others lack, and nothing is lost with one source that leaves.
 */
function rarestAbsent(draft: Draft, source: PlanSource, holders: Uint16Array): number | undefined {
  const { pieces, beginAt = 0 } = draft.state;
  let rarest: number | undefined;
  for (let step = 0; step < pieces.length; step++) {
    const index = (beginAt + step) % pieces.length;
    if (rarest !== undefined && holders[index]! >= holders[rarest]!) continue;
    if (draft.isAbsent(index) && source.has(index)) rarest = index;
  }
  return rarest;
}

/** In pieces: what the source brings in RUN_SECONDS, but less and less as the end nears. */
function runLength(draft: Draft, source: PlanSource): number {
  const bytes =
    source.bytesPerSecond === undefined
      ? FIRST_RUN_BYTES
      : Math.min(MAX_RUN_BYTES, source.bytesPerSecond * RUN_SECONDS);
  const bySpeed = Math.floor(bytes / draft.state.pieceLength);
  const byShare = Math.ceil(draft.absentCount / (2 * Math.max(1, draft.state.sources.length)));
  const leastBytes = Math.min(MAX_SHORT_RUN_BYTES, (source.bytesPerSecond ?? 0) * MIN_RUN_SECONDS);
  const least = Math.floor(leastBytes / draft.state.pieceLength);
  return Math.max(1, Math.min(bySpeed, Math.max(byShare, least)));
}

/** In pieces: what somebody waits for, and the source brings in a moment. */
function readingRunLength({ state, speedOf }: Draft, source: PlanSource): number {
  const bytes = Math.min(MAX_READING_RUN_BYTES, speedOf(source) * READING_RUN_SECONDS);
  return Math.max(1, Math.floor(bytes / state.pieceLength));
}

/** The tail of the run that would take longest, cut so that both end at about the same time. */
function stolenRun(draft: Draft, thief: PlanSource): Assignment | undefined {
  const speed = draft.speedOf(thief);
  const pieceSeconds = draft.state.pieceLength / speed;
  let best: { victim: PlanRun; start: number; seconds: number } | undefined;
  for (const victim of draft.runs) {
    const tail = victim.end - victim.next - 1;
    if (tail < 1 || victim.id < 0 || victim.sourceId === thief.id) continue;
    const seconds = draft.secondsLeft(victim);
    if (seconds < pieceSeconds || (best !== undefined && seconds <= best.seconds)) continue;
    const victimSpeed = ((victim.end - victim.next) * draft.state.pieceLength) / seconds;
    const wanted = Math.max(1, Math.floor((tail * speed) / (speed + victimSpeed)));
    let start = victim.end;
    while (start > victim.end - wanted && thief.has(start - 1)) start--;
    if (start < victim.end) best = { victim, start, seconds };
  }
  if (best === undefined) return undefined;
  return {
    sourceId: thief.id,
    run: { start: best.start, end: best.victim.end },
    stolenFrom: best.victim.id,
    isDuplicate: false,
  };
}

/** Endgame: the last pieces of slow sources once more, from a source that will be faster. */
function duplicateRun(draft: Draft, source: PlanSource): Assignment | undefined {
  const pieceSeconds = draft.state.pieceLength / draft.speedOf(source);
  let slowest: { piece: number; seconds: number } | undefined;
  for (const run of draft.runs) {
    // A run that has all it was asked for is there until its stream has ended: its `next` is not its own.
    if (run.id < 0 || run.next >= run.end) continue;
    if (run.sourceId === source.id || !source.has(run.next)) continue;
    const racers = draft.runs.filter(({ next, end }) => next <= run.next && run.next < end);
    if (racers.length >= MAX_RACERS || racers.some(({ sourceId }) => sourceId === source.id)) continue;
    const seconds = draft.secondsLeft({ ...run, end: run.next + 1 });
    if (seconds < pieceSeconds * DUPLICATE_GAIN || (slowest !== undefined && seconds <= slowest.seconds))
      continue;
    slowest = { piece: run.next, seconds };
  }
  if (slowest === undefined) return undefined;
  return { sourceId: source.id, run: { start: slowest.piece, end: slowest.piece + 1 }, isDuplicate: true };
}
