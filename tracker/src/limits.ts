import { PanalError } from "@panal/sdk";
import { clientOf } from "@panal/sdk/node";
import type { Caller } from "./caller.ts";
import { type TokenBuckets, createTokenBuckets } from "./token-buckets.ts";

/** What is counted as long as it is open. */
export type OpenThing = "streams" | "connections" | "passes";

/** What is counted, each by itself. */
export type LimitName =
  | OpenThing
  | "registrations"
  | "heartbeats"
  | "announces"
  | "files"
  | "searches"
  | "reports"
  | "bytes"
  | "pushes"
  | "requests";

interface Rate {
  readonly perSecond: number;
  /** At once. */
  readonly burst: number;
}

type Rates = Readonly<Partial<Record<LimitName, Rate>>>;

/**
 * For an address. A campus may be behind one: 2000 peers that heartbeat every ten seconds, all come back at once when the tracker
 * was started anew, and announce some thousand files each.
 */
const PER_ADDRESS: Rates = {
  registrations: { perSecond: 20, burst: 4_000 },
  heartbeats: { perSecond: 500, burst: 5_000 },
  announces: { perSecond: 400, burst: 10_000 },
  /** In announcements; those of one that goes beyond it are taken, and waited for with the next. */
  files: { perSecond: 50_000, burst: 10_000_000 },
  searches: { perSecond: 100, burst: 1_000 },
  reports: { perSecond: 1, burst: 60 },
  /** Requests that the gateway passes on: a page full of pictures at once. */
  passes: { perSecond: 200, burst: 2_000 },
  /** All others. */
  requests: { perSecond: 500, burst: 5_000 },
};

/** For a lease: what one peer may do. It gathers changes for a quarter of a second. */
const PER_LEASE: Rates = {
  registrations: { perSecond: 0.2, burst: 30 },
  heartbeats: { perSecond: 2, burst: 20 },
  announces: { perSecond: 10, burst: 300 },
  files: { perSecond: 50_000, burst: 5_000_000 },
  /** Parts of answers at the relay, of which small files are one each. */
  pushes: { perSecond: 500, burst: 5_000 },
};

/**
 * What an address may have open at the same time: event streams, connections, of which a peer or a browser keeps some, and requests
 * that the gateway passes on.
 */
const OPEN_PER_ADDRESS: Readonly<Record<OpenThing, number>> = {
  streams: 500,
  connections: 4_096,
  passes: 256,
};
/** The tracker's own machine has so much more: it is its operator's, and where proxies, tests and benchmarks run. */
const LOCAL_FACTOR = 100;
/** With shorter intervals between heartbeats there are more of them. */
const USUAL_HEARTBEAT_SECONDS = 10;

/** More than an address or a lease may do. */
export class TooManyError extends PanalError {
  readonly limit: LimitName;
  readonly retryAfterSeconds: number;

  constructor(options: { limit: LimitName; message: string; retryAfterSeconds: number }) {
    super("busy", options.message);
    this.limit = options.limit;
    this.retryAfterSeconds = options.retryAfterSeconds;
  }
}

/** On whose account something goes. */
export interface Account {
  readonly caller: Caller;
  readonly lease: string | undefined;
}

/** How much whoever comes may do. All throw TooManyError. */
export interface Limits {
  /** Counts a request. */
  admit(kind: LimitName, account: Account): void;
  /** Counts the files of an announcement that was admitted. */
  chargeFiles(account: Account, count: number): void;
  /** Counts bytes that the gateway passes on, and gives the milliseconds until there may be more. */
  spendBytes(caller: Pick<Caller, "address" | "isLocal">, bytes: number): number;
  /** Counts something that is open, until the returned function is called. */
  open(what: OpenThing, caller: Pick<Caller, "address" | "isLocal">): () => void;
}

export interface LimitsOptions {
  now: () => number;
  /** Multiplies all of them; 0: none. */
  factor: number;
  heartbeatSeconds: number;
  /** For an address, through the gateway. */
  viaBytesPerSecond: number;
}

export function createLimits({ now, factor, heartbeatSeconds, viaBytesPerSecond }: LimitsOptions): Limits {
  if (factor === 0) return UNLIMITED;

  const beats = Math.max(1, USUAL_HEARTBEAT_SECONDS / heartbeatSeconds);
  const create = (rates: Rates, whose: string, more: number) => {
    const buckets = new Map<LimitName, { rate: Rate; whose: string; buckets: TokenBuckets }>();
    for (const [name, { perSecond, burst }] of Object.entries(rates) as [LimitName, Rate][]) {
      const times = factor * more * (name === "heartbeats" ? beats : 1);
      const rate = { perSecond: perSecond * times, burst: Math.max(1, burst * times) };
      buckets.set(name, { rate, whose, buckets: createTokenBuckets({ ...rate, now }) });
    }
    return buckets;
  };
  const createAll = (more: number) => ({
    addresses: create(
      { ...PER_ADDRESS, bytes: { perSecond: viaBytesPerSecond, burst: viaBytesPerSecond } },
      "an address",
      more,
    ),
    leases: create(PER_LEASE, "a lease", more),
    open: (what: OpenThing) => Math.max(1, Math.floor(OPEN_PER_ADDRESS[what] * factor * more)),
  });
  const [remote, local] = [createAll(1), createAll(LOCAL_FACTOR)];
  const limitsFor = ({ isLocal }: Pick<Caller, "isLocal">) => (isLocal ? local : remote);
  /** By what it is and whose. */
  const openCounts = new Map<string, number>();

  function take(name: LimitName, { caller, lease }: Account): void {
    const { addresses, leases } = limitsFor(caller);
    for (const [limit, key] of [
      [addresses.get(name), clientOf(caller.address)],
      [leases.get(name), lease],
    ] as const) {
      if (limit === undefined || key === undefined) continue;
      const waitMs = limit.buckets.take(key);
      if (waitMs > 0) throw tooMany(name, { ...limit, waitMs });
    }
  }

  return {
    admit(kind, account) {
      take(kind, account);
      // One for the announcement itself: whoever is beyond it waits before sending more.
      if (kind === "announces") take("files", account);
    },
    chargeFiles({ caller, lease }, count) {
      const { addresses, leases } = limitsFor(caller);
      addresses.get("files")?.buckets.charge(clientOf(caller.address), count);
      if (lease !== undefined) leases.get("files")?.buckets.charge(lease, count);
    },
    spendBytes(caller, bytes) {
      const { buckets } = limitsFor(caller).addresses.get("bytes")!;
      const key = clientOf(caller.address);
      buckets.charge(key, bytes);
      return buckets.take(key);
    },
    open(what, caller) {
      const key = `${what} ${clientOf(caller.address)}`;
      const open = openCounts.get(key) ?? 0;
      const most = limitsFor(caller).open(what);
      if (open >= most) {
        throw new TooManyError({
          limit: what,
          message: `${what}: an address may have ${most} open; close some (an operator allows more with --limits)`,
          retryAfterSeconds: 30,
        });
      }
      openCounts.set(key, open + 1);
      let isOpen = true;
      return () => {
        if (!isOpen) return;
        isOpen = false;
        const left = (openCounts.get(key) ?? 1) - 1;
        if (left === 0) openCounts.delete(key);
        else openCounts.set(key, left);
      };
    },
  };
}

function tooMany(
  name: LimitName,
  { rate, whose, waitMs }: { rate: Rate; whose: string; waitMs: number },
): TooManyError {
  const retryAfterSeconds = Math.max(1, Math.ceil(waitMs / 1000));
  return new TooManyError({
    limit: name,
    message:
      `${name}: ${whose} may do ${rate.perSecond} a second, and ${rate.burst} at once; come back in ${retryAfterSeconds} s` +
      " (an operator allows more with --limits)",
    retryAfterSeconds,
  });
}

const UNLIMITED: Limits = {
  admit() {},
  chargeFiles() {},
  spendBytes: () => 0,
  open: () => () => {},
};
