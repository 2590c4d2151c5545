import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { expect, it } from "vitest";
import { filesOf, measureWebSize, webSizeReport } from "./web-size.ts";

const manifest = {
  "index.html": { file: "assets/index.js", imports: ["_shared.js"] },
  "_shared.js": { file: "assets/shared.js", imports: ["index.html"] },
  "src/app/start.tsx": { file: "assets/start.js", imports: ["_shared.js", "index.html"] },
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

it("measureWebSize() counts the page, the app and the largest language", async () => {
  const dist = await mkdtemp(join(tmpdir(), "panal-size-"));
  try {
    await mkdir(join(dist, ".vite"));
    await mkdir(join(dist, "assets"));
    await writeFile(join(dist, ".vite/manifest.json"), JSON.stringify(manifest));
    const texts = { index: "a", shared: "bb", start: "ccc", doctor: "dddd", en: "e", es: "esos" };
    for (const [name, text] of Object.entries(texts)) await writeFile(join(dist, `assets/${name}.js`), text);
    const size = await measureWebSize(dist);
    expect(size.firstLoad.map(({ file }) => file).sort()).toEqual(
      ["es", "index", "shared", "start"].map((name) => `assets/${name}.js`),
    );
    const expected = ["a", "bb", "ccc", "esos"].map((text) => gzipSync(text).length);
    expect(size.gzipBytes).toBe(expected.reduce((sum, bytes) => sum + bytes));
    expect(webSizeReport(size)).toContain("0.1 kB of script at a first visit, of 180.0 kB allowed");
  } finally {
    await rm(dist, { recursive: true });
  }
});
