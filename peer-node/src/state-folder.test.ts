import { mkdir, mkdtemp, readdir, realpath, rm, stat, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { defaultStatePath, openStateFolder } from "./state-folder.ts";

let folder: string;
let share: string;
beforeEach(async () => {
  folder = await realpath(await mkdtemp(join(tmpdir(), "panal-state-")));
  share = join(folder, "share");
  await mkdir(share);
});
afterEach(() => rm(folder, { recursive: true }));

describe("openStateFolder()", () => {
  it("makes a folder for its owner alone, and holds it against others", async () => {
    const path = join(folder, "a", "b");
    const state = await openStateFolder(path, share);
    expect((await stat(path)).mode & 0o077).toBe(0);
    await expect(openStateFolder(path, share)).rejects.toMatchObject({
      code: "conflict",
      message: expect.stringContaining(path),
    });
    await state.lock.release();
    const again = await openStateFolder(path, share);
    await again.lock.release();
  });

  it("refuses a place in the share, before anything is there", async () => {
    await symlink(share, join(folder, "link"));
    for (const path of [share, join(share, "state"), join(share, "a/b"), join(folder, "link", "state")]) {
      await expect(openStateFolder(path, share)).rejects.toMatchObject({ code: "invalid" });
    }
    expect(await readdir(share)).toEqual([]);
  });

  it("takes a place whose name only begins like the share's", async () => {
    const state = await openStateFolder(`${share}-state`, share);
    await state.lock.release();
  });
});

describe("defaultStatePath()", () => {
  const environment = { platform: "linux" as const, env: {}, home: "/home/ana" };

  it("differs by share and port, and stays the same otherwise", () => {
    const path = defaultStatePath("/a", 7071, environment);
    expect(path).toMatch(/^\/home\/ana\/\.local\/state\/panal\/peers\/[0-9a-f]{16}$/);
    expect(defaultStatePath("/a", 7071, environment)).toBe(path);
    expect(defaultStatePath("/b", 7071, environment)).not.toBe(path);
    expect(defaultStatePath("/a", 7072, environment)).not.toBe(path);
  });

  it.each([
    { platform: "linux" as const, env: { XDG_STATE_HOME: "/xdg" }, start: "/xdg/panal/peers/" },
    { platform: "linux" as const, env: { XDG_STATE_HOME: "" }, start: "/home/ana/.local/state/panal/" },
    { platform: "darwin" as const, env: {}, start: "/home/ana/Library/Application Support/panal/" },
    { platform: "win32" as const, env: { LOCALAPPDATA: "/local" }, start: "/local/panal/peers/" },
  ])("is where $platform keeps such things", ({ platform, env, start }) => {
    expect(defaultStatePath("/a", 1, { platform, env, home: "/home/ana" }).startsWith(start)).toBe(true);
  });
});
