import { DEFAULT_AT_ONCE } from "./transfers-store.ts";

/** What a person may choose from; the first is the default. Bytes per second, 0 for no limit. */
export const AT_ONCE = [DEFAULT_AT_ONCE, 1, 2, 5, 10] as const;
export const SPEED_LIMITS = [0, 100_000, 1_000_000, 5_000_000, 20_000_000, 100_000_000] as const;

export interface TransferSettings {
  readonly atOnce: number;
  readonly bytesPerSecond: number;
}

const STORAGE_KEY = "panal.transfers";

/** The settings as they are now, kept for the next visit. */
export interface SettingsKeeper {
  subscribe(listener: () => void): () => void;
  state(): TransferSettings;
  change(settings: TransferSettings): void;
}

interface KeeperDeps {
  storage: Pick<Storage, "getItem" | "setItem">;
  /** At once, and after each change. */
  apply(settings: TransferSettings): void;
}

export function createSettingsKeeper({ storage, apply }: KeeperDeps): SettingsKeeper {
  let settings = readSettings(storage);
  const listeners = new Set<() => void>();
  apply(settings);
  return {
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    state: () => settings,
    change(changed) {
      settings = changed;
      writeSettings(storage, settings);
      apply(settings);
      for (const listener of listeners) listener();
    },
  };
}

/** What was chosen in this browser, else the defaults. */
function readSettings(storage: Pick<Storage, "getItem">): TransferSettings {
  let stored: Record<string, unknown> = {};
  try {
    const parsed: unknown = JSON.parse(storage.getItem(STORAGE_KEY) ?? "{}");
    if (typeof parsed === "object" && parsed !== null) stored = { ...parsed };
  } catch {
    // Forbidden, or somebody else's: the defaults.
  }
  return {
    atOnce: AT_ONCE.find((count) => count === stored["atOnce"]) ?? AT_ONCE[0],
    bytesPerSecond: SPEED_LIMITS.find((limit) => limit === stored["bytesPerSecond"]) ?? SPEED_LIMITS[0],
  };
}

function writeSettings(storage: Pick<Storage, "setItem">, settings: TransferSettings): void {
  try {
    storage.setItem(STORAGE_KEY, JSON.stringify(settings));
  } catch {
    // Storage is forbidden: it holds until the page is closed.
  }
}
