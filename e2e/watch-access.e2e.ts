import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "@playwright/test";
import { bringAxe, findingsOf } from "./support/axe.ts";
import { createFilmStage, showsSecond } from "./support/film-stage.ts";
import { writePdf } from "./support/pdf.ts";
import { announced } from "./support/processes.ts";

/** The smallest picture there is: one pixel. */
const PIXEL =
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==";

/** A minute of a hum, as a WAV file: 8000 samples of one byte a second. */
function humWav(): Buffer {
  const samples = Buffer.from(Uint8Array.from({ length: 60 * 8000 }, (_, at) => 128 + 20 * Math.sin(at / 5)));
  const head = Buffer.alloc(44);
  head.write("RIFF", 0);
  head.writeUInt32LE(36 + samples.length, 4);
  head.write("WAVEfmt ", 8);
  head.writeUInt32LE(16, 16);
  // PCM, one channel; samples and bytes a second; bytes and bits a sample.
  head.writeUInt16LE(1, 20);
  head.writeUInt16LE(1, 22);
  head.writeUInt32LE(8000, 24);
  head.writeUInt32LE(8000, 28);
  head.writeUInt16LE(1, 32);
  head.writeUInt16LE(8, 34);
  head.write("data", 36);
  head.writeUInt32LE(samples.length, 40);
  return Buffer.concat([head, samples]);
}

test("axe finds nothing where films, sounds and files are played and shown, and keys steer the player", async () => {
  const scene = await createFilmStage({ seconds: 60 });
  const { page } = scene.app;
  try {
    await writeFile(join(scene.share, "honeycomb.es.srt"), "1\n00:00:00,000 --> 00:01:00,000\nAbejas\n");
    await writeFile(join(scene.share, "notes.txt"), "First bees at 07:10.\n".repeat(20_000));
    await writeFile(join(scene.share, "pixel.png"), Buffer.from(PIXEL, "base64"));
    await writeFile(join(scene.share, "old.avi"), "RIFF");
    await writeFile(join(scene.share, "hum.wav"), humWav());
    await writePdf(join(scene.share, "combs.pdf"), 3);
    await scene.startPeer("Ana");
    const idOf = (words: string) => announced(scene.tracker.url, words, 1);
    const paths = {
      film: `/f/${await idOf("honeycomb.webm")}/watch`,
      sound: `/f/${await idOf("hum")}/watch`,
      text: `/f/${await idOf("notes")}/watch`,
      picture: `/f/${await idOf("pixel")}/watch`,
      pdf: `/f/${await idOf("combs")}/watch`,
      unplayable: `/f/${await idOf("old")}/watch`,
    };
    await bringAxe(page);
    for (const colorScheme of ["light", "dark"] as const) {
      await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
      for (const width of [1280, 320]) {
        await page.setViewportSize({ width, height: 720 });
        for (const [name, path] of Object.entries(paths)) {
          await page.goto(scene.tracker.url + path);
          await page
            .getByTestId("player")
            .or(page.getByTestId("text"))
            .or(page.getByTestId("picture"))
            .or(page.locator("[data-testid=pdf-page][data-drawn=true]").first())
            .or(page.getByTestId("cannot-show"))
            .waitFor();
          expect.soft(await findingsOf(page), `${name}, ${colorScheme}, ${width}`).toEqual([]);
        }
      }
    }

    await page.goto(scene.tracker.url + paths.film);
    await showsSecond(page, 0);
    await page.keyboard.press("5");
    await showsSecond(page, 30);
    const player = page.getByTestId("player");
    await expect(player).toHaveJSProperty("playbackRate", 1);
    await page.keyboard.press(">");
    await expect(player).toHaveJSProperty("playbackRate", 1.25);
    await expect(page.getByRole("combobox", { name: /^Speed/ })).toHaveValue("1.25");
    await page.keyboard.press("m");
    await expect(player).toHaveJSProperty("muted", true);
    await page.keyboard.press("c");
    await expect(page.getByLabel("Subtitles").locator("option:checked")).toHaveText("honeycomb.es.srt");

    // A sound plays, too, from verified bytes, and wherever it is told to.
    await page.goto(scene.tracker.url + paths.sound);
    await expect(page.locator("audio")).toHaveAttribute("src", /^(\/stream\/|blob:)/);
    const second = () => player.evaluate((sound: HTMLAudioElement) => sound.currentTime);
    await expect.poll(second).toBeGreaterThan(0);
    await page.keyboard.press("5");
    await expect.poll(second).toBeGreaterThan(30);
    await expect(player).toHaveJSProperty("paused", false);
  } finally {
    await scene.close();
  }
});
