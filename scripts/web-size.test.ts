import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { expect, it } from "vitest";
import { filesOf, measureWebSize, webSizeReport } from "./web-size.ts";

const manifest = {
  "index.html": { file: "assets/index.js", imports: ["_shared.js"] },
  "_shared.js": { file: "assets/shared.js", imports: ["index.html"] },
  "src/features/search/search-view.tsx": { file: "assets/search.js", imports: ["_shared.js", "index.html"] },
  "src/features/doctor/doctor-view.tsx": { file: "assets/doctor.js", imports: ["index.html"] },
  "src/i18n/en.ts": { file: "assets/en.js" },
  "src/i18n/es.ts": { file: "assets/es.js" },
};

it("filesOf() takes each file once, also in a ring, and none that is only fetched later", () => {
  expect(filesOf(manifest, ["index.html"]).sort()).toEqual(["assets/index.js", "assets/shared.js"]);
});

it("filesOf() names a source that has no file of its own any more", () => {
  expect(() => filesOf(manifest, ["src/gone.ts"])).toThrow("src/gone.ts");
});

it("measureWebSize() counts the page, its first view and the largest language", async () => {
  const dist = await mkdtemp(join(tmpdir(), "panal-size-"));
  try {
    await mkdir(join(dist, ".vite"));
    await mkdir(join(dist, "assets"));
    await writeFile(join(dist, ".vite/manifest.json"), JSON.stringify(manifest));
    const texts = { index: "a", shared: "bb", search: "ccc", doctor: "dddd", en: "e", es: "esos" };
    for (const [name, text] of Object.entries(texts)) await writeFile(join(dist, `assets/${name}.js`), text);
    const size = await measureWebSize(dist);
    expect(size.firstLoad.map(({ file }) => file).sort()).toEqual(
      ["es", "index", "search", "shared"].map((name) => `assets/${name}.js`),
    );
    const expected = ["a", "bb", "ccc", "esos"].map((text) => gzipSync(text).length);
    expect(size.gzipBytes).toBe(expected.reduce((sum, bytes) => sum + bytes));
    expect(webSizeReport(size)).toContain("0.1 kB of script at a first visit, of 180.0 kB allowed");
  } finally {
    await rm(dist, { recursive: true });
  }
});
