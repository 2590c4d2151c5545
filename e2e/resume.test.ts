import { once } from "node:events";
import { mkdir, readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { journaledPieces } from "./support/journal.ts";
import { type Stage, announced, createStage, until } from "./support/processes.ts";
import { sha256Of, writeSampleFile } from "./support/sample-file.ts";

const MIB = 1024 * 1024;
const PIECES = 96;

let stage: Stage;
beforeAll(async () => {
  stage = await createStage();
});
afterAll(() => stage.close());

it(
  "download goes on where it was killed and fetches only what is missing",
  { timeout: 120_000 },
  async () => {
    const share = join(stage.folder, "share");
    const target = join(stage.folder, "saved");
    await mkdir(share);
    await mkdir(target);
    const digest = await writeSampleFile(join(share, "propolis.bin"), PIECES * MIB, 3);
    const tracker = await stage.startTracker();
    await stage.startPeer({ share, trackerUrl: tracker.url, name: "Only" });
    const fileId = await announced(tracker.url, "propolis", 1);
    const args = ["download", "propolis", "--tracker", tracker.url, "-o", target];

    // Slow enough that the second half takes longer than it takes to see the first one.
    const killed = stage.spawnCli([...args, "--max-download-rate", "20M"]);
    const journal = join(target, "propolis.bin.part.journal");
    await until("half of the pieces are journaled", async () => {
      if (killed.exitCode !== null) throw new Error(`ended before it could be killed: ${killed.exitCode}`);
      return (await journaledPieces(journal)) >= PIECES / 2 ? true : undefined;
    });
    const gone = once(killed, "exit");
    killed.kill("SIGKILL");
    await gone;
    const journaled = await journaledPieces(journal);
    expect(await readdir(target)).not.toContain("propolis.bin");
    expect(journaled).toBeLessThan(PIECES);

    const again = await stage.runCli([...args, "--json"]);
    expect(again.stderr + again.stdout).toContain(fileId);
    expect(again.code).toBe(0);
    const result = JSON.parse(again.stdout) as { resumedBytes: number; fetchedBytes: number; path: string };
    expect(result.resumedBytes).toBe(journaled * MIB);
    expect(result.fetchedBytes).toBe((PIECES - journaled) * MIB);
    expect(await sha256Of(join(target, "propolis.bin"))).toBe(digest);
    expect((await readdir(target)).sort()).toEqual(["propolis.bin"]);
    expect((await stat(join(target, "propolis.bin"))).size).toBe(PIECES * MIB);
  },
);
