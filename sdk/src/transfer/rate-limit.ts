import { PanalError, throwIfAborted } from "../errors.ts";
import { type Clock, systemClock } from "./clock.ts";

/** What wasn't used may be caught up on for so long: a busy moment costs nothing, and nobody sees a burst. */
const CATCH_UP_MS = 100;
/** How much of a second `quantumBytes` is: small enough for many callers to take turns. */
const QUANTUM_MS = 5;
const MIN_QUANTUM_BYTES = 1024;
const MAX_QUANTUM_BYTES = 64 * 1024;

/** A limit of bytes per second that several callers share. */
export interface RateLimit {
  /** What to take at a time, at most, for an even flow and short turns: 1 to 64 KiB. */
  readonly quantumBytes: number;
  /**
   * Waits until so many bytes may go; any number may be asked for. Callers who wait get equal shares by bytes, whatever they
   * ask for at a time and however often; within a caller it is first come, first served. `caller`: a name, default "".
   * Rejects with "aborted".
   */
  take(bytes: number, options?: { signal?: AbortSignal | undefined; caller?: string }): Promise<void>;
}

interface Ticket {
  readonly bytes: number;
  grant(): void;
}

interface Caller {
  readonly tickets: Set<Ticket>;
  /** Bytes, on a scale all callers share: the one who got least is next. */
  servedTo: number;
}

/** `bytesPerSecond` above 0; Infinity limits nothing. */
export function createRateLimit(options: { bytesPerSecond: number; clock?: Clock }): RateLimit {
  const { bytesPerSecond, clock = systemClock } = options;
  const callers = new Map<string, Caller>();
  /** When what was granted so far is paid for. */
  let paidAtMs = clock.now();
  /** `servedTo` of the caller who was served last; who comes anew begins there, and has missed nothing before. */
  let servedTo = 0;
  let waiting = 0;
  let turn: AbortController | undefined;

  function pay(bytes: number): void {
    paidAtMs = Math.max(paidAtMs, clock.now() - CATCH_UP_MS) + (bytes / bytesPerSecond) * 1000;
  }

  function callerOf(name: string): Caller {
    const known = callers.get(name);
    if (known === undefined) {
      const caller = { tickets: new Set<Ticket>(), servedTo };
      callers.set(name, caller);
      return caller;
    }
    // Whoever paused doesn't catch up at the cost of the others.
    if (known.tickets.size === 0) known.servedTo = Math.max(known.servedTo, servedTo);
    return known;
  }

  function grantNext(): void {
    let next: Caller | undefined;
    for (const [name, caller] of callers) {
      if (caller.tickets.size > 0) {
        if (next === undefined || caller.servedTo < next.servedTo) next = caller;
      } else if (caller.servedTo <= servedTo) {
        // It would begin at the same place if it came again.
        callers.delete(name);
      }
    }
    const [ticket] = next?.tickets ?? [];
    if (next === undefined || ticket === undefined) return;
    servedTo = next.servedTo;
    next.servedTo += ticket.bytes;
    next.tickets.delete(ticket);
    leave();
    pay(ticket.bytes);
    ticket.grant();
  }

  /** One ticket fewer; nobody is waited for after the last one. */
  function leave(): void {
    waiting--;
    if (waiting === 0) turn?.abort();
  }

  async function takeTurns(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const waitMs = paidAtMs - clock.now();
      if (waitMs <= 0) grantNext();
      else await clock.sleep(waitMs, signal);
    }
  }

  function startTurns(): void {
    const controller = new AbortController();
    turn = controller;
    // Aborted when nobody waits any more: nothing to tell.
    void takeTurns(controller.signal)
      .catch(() => {})
      .finally(() => {
        if (turn === controller) turn = undefined;
      });
  }

  return {
    quantumBytes: Math.min(
      MAX_QUANTUM_BYTES,
      Math.max(MIN_QUANTUM_BYTES, Math.floor((bytesPerSecond * QUANTUM_MS) / 1000)),
    ),
    async take(bytes, { signal, caller: name = "" } = {}) {
      throwIfAborted(signal);
      if (waiting === 0 && paidAtMs <= clock.now()) {
        // There is enough for everybody: all are even.
        callers.clear();
        pay(bytes);
        return;
      }
      const granted = Promise.withResolvers<void>();
      const caller = callerOf(name);
      const ticket = { bytes, grant: granted.resolve };
      const stop = () => {
        if (!caller.tickets.delete(ticket)) return;
        leave();
        granted.reject(new PanalError("aborted", "stopped"));
      };
      caller.tickets.add(ticket);
      waiting++;
      signal?.addEventListener("abort", stop, { once: true });
      if (turn === undefined || turn.signal.aborted) startTurns();
      try {
        await granted.promise;
      } finally {
        signal?.removeEventListener("abort", stop);
      }
    },
  };
}
