import { expect, test } from "vitest";
import { baseKey, createPathFolder } from "./base-key.ts";
import { fold } from "./fold.ts";

test("createPathFolder() gives what fold() and baseKey() give, whatever comes before and after", () => {
  const folders = ["", "Music/", "Café/Ｄisk／2/", "ΌΔΟΣ/", "Á\u0301/℀/", "music/"];
  const names = [
    "Song.MP3",
    "ΟΔΟΣ",
    "\u0301combined",
    "½℅.txt",
    "🐝",
    `${"🐝".repeat(59)}x🐝🐝`,
    "ﬀ".repeat(70),
    "",
  ];
  const foldPath = createPathFolder();
  const paths = folders.flatMap((folder) => names.map((name) => folder + name));
  for (const path of [...paths, ...paths.toReversed()])
    expect(foldPath(path), path).toEqual({ folded: fold(path), base: baseKey(path) });
});
