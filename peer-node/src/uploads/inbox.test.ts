import { existsSync } from "node:fs";
import { symlink } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { type TestFolder, createTestFolder } from "../testing/shared-folder.ts";
import { openInbox } from "./inbox.ts";

let folder: TestFolder;
beforeEach(async () => (folder = await createTestFolder()));
afterEach(() => folder.close());

const open = (inbox: string | undefined, includeHidden = false) =>
  openInbox(inbox, { shareRoot: folder.root, includeHidden });

it("openInbox() says where it is in the share, and when it is elsewhere", async () => {
  expect((await open(undefined)).sharePath).toBe("inbox");
  expect((await open(join(folder.root, "a", "b"))).sharePath).toBe("a/b");
  expect((await open(folder.root)).sharePath).toBe("");
  expect((await open(join(folder.outside, ".drop"))).sharePath).toBeUndefined();
});

it.each([".inbox", ".private/inbox", "inbox.part"])(
  "openInbox() refuses %s in the share, where nothing would be shared, and doesn't make it",
  async (path) => {
    const inbox = join(folder.root, path);
    await expect(open(inbox)).rejects.toMatchObject({
      code: "invalid",
      message: expect.stringContaining(inbox),
    });
    expect(existsSync(inbox)).toBe(false);
  },
);

it("openInbox() takes a hidden folder where hidden ones are shared, and sees through links", async () => {
  expect((await open(join(folder.root, ".inbox"), true)).sharePath).toBe(".inbox");
  await symlink(join(folder.root, ".inbox"), join(folder.outside, "link"));
  await expect(open(join(folder.outside, "link"))).rejects.toMatchObject({ code: "invalid" });
});
