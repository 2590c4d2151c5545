/** Upkeep comes twice a second; a machine that is only busy manages it in this time. */
const STUCK_MS = 60_000;

/** What /healthz and /readyz say of the process. */
export interface HealthState {
  /** Upkeep is done once more. */
  upkept(): void;
  /** From now on nothing new is to come here. */
  stop(): void;
  readonly isStopping: boolean;
  /** Upkeep hasn't been done for so long that only a restart will help. */
  readonly isStuck: boolean;
}

export function createHealthState(now: () => number): HealthState {
  let upkeptAt = now();
  let isStopping = false;
  return {
    upkept() {
      upkeptAt = now();
    },
    stop() {
      isStopping = true;
    },
    get isStopping() {
      return isStopping;
    },
    get isStuck() {
      return now() - upkeptAt > STUCK_MS;
    },
  };
}
