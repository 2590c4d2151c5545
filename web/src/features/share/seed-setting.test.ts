import { describe, expect, it } from "vitest";
import type { NetworkNews } from "../../app/network.ts";
import { createSeedSetting } from "./seed-setting.ts";

function memoryStorage() {
  const map = new Map<string, string>();
  return {
    getItem: (key: string) => map.get(key) ?? null,
    setItem: (key: string, value: string) => void map.set(key, value),
  };
}

class Network extends EventTarget implements NetworkNews {
  saveData = false;
  type = "wifi";
}

describe("createSeedSetting()", () => {
  it("is off until it is switched on, and remembered", () => {
    const storage = memoryStorage();
    const setting = createSeedSetting({ storage, network: undefined });
    expect(setting.state()).toBe("off");
    setting.change(true);
    expect(setting.state()).toBe("on");
    expect(createSeedSetting({ storage, network: undefined }).state()).toBe("on");
  });

  it.each([
    ["data is to be saved", { saveData: true }],
    ["it is a cellular one", { type: "cellular" }],
  ])("holds back while the network is metered: %s", (_, metered) => {
    const network = new Network();
    const setting = createSeedSetting({ storage: memoryStorage(), network });
    const states: string[] = [];
    setting.change(true);
    setting.subscribe(() => states.push(setting.state()));
    Object.assign(network, metered);
    network.dispatchEvent(new Event("change"));
    Object.assign(network, { saveData: false, type: "wifi" });
    network.dispatchEvent(new Event("change"));
    expect(states).toEqual(["metered", "on"]);
  });

  it("holds on a metered network when it is switched on there", () => {
    const network = new Network();
    network.saveData = true;
    const storage = memoryStorage();
    const setting = createSeedSetting({ storage, network });
    expect(setting.state()).toBe("off");
    setting.change(true);
    expect(setting.state()).toBe("on");
    expect(createSeedSetting({ storage, network }).state()).toBe("on");
    setting.change(false);
    expect(setting.state()).toBe("off");
  });

  it("follows what another tab has chosen, and does without storage", () => {
    const storage = memoryStorage();
    const [here, there] = [
      createSeedSetting({ storage, network: undefined }),
      createSeedSetting({ storage, network: undefined }),
    ];
    there.change(true);
    here.reload();
    expect(here.state()).toBe("on");
    const refuse = () => {
      throw new DOMException("denied", "SecurityError");
    };
    const forbidden = createSeedSetting({
      storage: { getItem: refuse, setItem: refuse },
      network: undefined,
    });
    forbidden.change(true);
    expect(forbidden.state()).toBe("on");
  });
});
