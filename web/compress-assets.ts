import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { constants, gzip } from "node:zlib";
import type { Plugin } from "vite";

const TEXT = /\.(js|css|wasm)$/;
/** Shorter ones fit one packet anyway. */
const MIN_BYTES = 1400;

const compress = promisify(gzip);

/** Puts a compressed copy beside each script and style, which the tracker sends to whoever takes it: made once, and well. */
export function compressAssets(): Plugin {
  let assets = "";
  return {
    name: "panal-compress-assets",
    apply: "build",
    configResolved(config) {
      assets = join(config.root, config.build.outDir, config.build.assetsDir);
    },
    async writeBundle() {
      for (const name of await readdir(assets)) {
        if (!TEXT.test(name)) continue;
        const bytes = await readFile(join(assets, name));
        if (bytes.length < MIN_BYTES) continue;
        await writeFile(
          join(assets, `${name}.gz`),
          await compress(bytes, { level: constants.Z_BEST_COMPRESSION }),
        );
      }
    },
  };
}
