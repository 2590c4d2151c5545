import { type NetworkNews, isMetered, pageNetwork } from "../../app/network.ts";

const KEY = "panal.seed-downloads";

/** Whether what was downloaded here is shared. */
export type SeedState =
  | "off"
  | "on"
  /** Wanted, but not while each byte may cost something. */
  | "metered";

export interface SeedSetting {
  state(): SeedState;
  /** Switched on while the network is metered, it holds on such networks, too. */
  change(isOn: boolean): void;
  /** It was changed in another tab. */
  reload(): void;
  subscribe(listener: () => void): () => void;
}

interface SeedSettingDeps {
  storage: Pick<Storage, "getItem" | "setItem">;
  network: NetworkNews | undefined;
}

type Wanted = "off" | "on" | "on-metered";

/** The switch, remembered in this browser: off until somebody says so. */
export function createSeedSetting({ storage, network }: SeedSettingDeps): SeedSetting {
  const listeners = new Set<() => void>();
  let wanted = readWanted(storage);
  const tell = () => {
    for (const listener of listeners) listener();
  };
  network?.addEventListener?.("change", tell);
  return {
    state() {
      if (wanted === "off") return "off";
      return isMetered(network) && wanted !== "on-metered" ? "metered" : "on";
    },
    change(isOn) {
      wanted = isOn ? (isMetered(network) ? "on-metered" : "on") : "off";
      try {
        storage.setItem(KEY, wanted);
      } catch {
        // Storage is forbidden: it holds until the page is closed.
      }
      tell();
    },
    reload() {
      wanted = readWanted(storage);
      tell();
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

function readWanted(storage: Pick<Storage, "getItem">): Wanted {
  try {
    const stored = storage.getItem(KEY);
    return stored === "on" || stored === "on-metered" ? stored : "off";
  } catch {
    return "off";
  }
}

let setting: SeedSetting | undefined;

/** The setting of this page. */
export function seedSetting(): SeedSetting {
  if (setting !== undefined) return setting;
  const created = createSeedSetting({
    // Asked for only then: where storage is forbidden, that alone throws.
    storage: {
      getItem: (key) => localStorage.getItem(key),
      setItem: (key, value) => localStorage.setItem(key, value),
    },
    network: pageNetwork(),
  });
  addEventListener("storage", ({ key }) => {
    if (key === KEY) created.reload();
  });
  setting = created;
  return created;
}
