import { createHash } from "node:crypto";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "@playwright/test";
import { createFilmStage, expectNoErrors, seekTo, showsSecond } from "./support/film-stage.ts";
import { startLyingProxy } from "./support/lying-proxy.ts";
import { announced, until } from "./support/processes.ts";

const MIB = 1024 * 1024;

test("no byte of a peer that lies is ever played: every one a player gets is the film's", async () => {
  const scene = await createFilmStage({ seconds: 60 });
  const { page } = scene.app;
  const proxy = await startLyingProxy({ everyBytes: 3 * MIB });
  try {
    const liar = await scene.startPeer("Lying Leo", ["--advertise", proxy.url]);
    proxy.standInFor(liar.url);
    const fileId = await scene.openFilm(1);
    await expect(page.getByTestId("liar")).toContainText("Lying Leo");
    await scene.startPeer("Honest Ana");
    await announced(scene.tracker.url, "honeycomb", 2);
    await showsSecond(page, 0);
    await seekTo(page, 50.5);
    await showsSecond(page, 50);
    expect(proxy.lies).toBeGreaterThan(0);

    // What a player reads, read to the end, range by range.
    const digest = await page.evaluate<string>(`(async () => {
      const parts = [];
      let length = 0;
      for (let total = 1; length < total;) {
        const answer = await fetch("/stream/${fileId}/honeycomb.webm", { headers: { range: "bytes=" + length + "-" } });
        if (answer.status !== 206) throw new Error("status " + answer.status);
        total = Number(answer.headers.get("content-range").split("/")[1]);
        const part = new Uint8Array(await answer.arrayBuffer());
        parts.push(part);
        length += part.length;
      }
      const all = new Uint8Array(await new Blob(parts).arrayBuffer());
      return new Uint8Array(await crypto.subtle.digest("SHA-256", all)).toHex();
    })()`);
    expect(digest).toBe(scene.film.digest);
  } finally {
    await scene.close();
    await proxy.close();
  }
});

test("a page, a script, a style or a frame that a peer sent is none of ours", async () => {
  const scene = await createFilmStage({ seconds: 1 });
  const { page } = scene.app;
  const html =
    "<!doctype html><title>owned</title><script>document.title = 'owned'; top.owned = true;</script>";
  const script = "globalThis.owned = true; globalThis.document && (document.title = 'owned');";
  try {
    await writeFile(join(scene.share, "evil page.html"), html);
    await writeFile(join(scene.share, "evil script.js"), script);
    await writeFile(
      join(scene.share, "evil picture.svg"),
      `<svg xmlns="http://www.w3.org/2000/svg"><script>${script}</script></svg>`,
    );
    await scene.startPeer("Eve");
    const [pageId, scriptId, pictureId] = await Promise.all(
      ["evil page", "evil script", "evil picture"].map((words) => announced(scene.tracker.url, words, 1)),
    );
    const urls = {
      page: `/stream/${pageId}/evil%20page.html`,
      script: `/stream/${scriptId}/evil%20script.js`,
      picture: `/stream/${pictureId}/evil%20picture.svg`,
    };
    await expect.poll(() => page.evaluate("navigator.serviceWorker.controller !== null")).toBe(true);

    // The page names it as bytes to be saved, whatever it is called.
    for (const url of [...Object.values(urls), `/stream/${pageId}/film.webm%2F..%2Fx.html`]) {
      const facts = await page.evaluate<[number, string | null, string | null]>(`(async () => {
        const { status, headers } = await fetch("${url}", { method: "HEAD" });
        return [status, headers.get("content-type"), headers.get("content-security-policy")];
      })()`);
      expect(facts).toEqual([200, "application/octet-stream", "default-src 'none'; sandbox"]);
    }
    // Nothing that runs or renders gets it.
    const outcomes = await page.evaluate<Record<string, string>>(`(async () => {
      const outcome = (name, start) => new Promise((resolve) => {
        const done = (what) => resolve([name, what]);
        try { start(done); } catch (error) { done("refused"); }
      });
      const append = (tag, attributes) => (done) => {
        const element = Object.assign(document.createElement(tag), { onload: () => done("loaded"), onerror: () => done("refused") });
        for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
        document.body.append(element);
      };
      return Object.fromEntries(await Promise.all([
        outcome("style", append("link", { rel: "stylesheet", href: "${urls.script}" })),
        outcome("script", append("script", { src: "${urls.script}" })),
        outcome("image", append("img", { src: "${urls.picture}" })),
        outcome("worker", (done) => { new Worker("${urls.script}").onerror = () => done("refused"); }),
        outcome("import", (done) => { import("${urls.script}").then(() => done("loaded"), () => done("refused")); }),
      ]));
    })()`);
    for (const [what, outcome] of Object.entries(outcomes))
      expect([what, outcome]).toEqual([what, "refused"]);
    expect(await page.evaluate("globalThis.owned")).toBeUndefined();

    // Opened as a page it is a refusal in plain text, and nothing of it has run.
    for (const url of Object.values(urls)) {
      const answer = await page.goto(scene.tracker.url + url);
      expect(answer?.status()).toBe(403);
      expect(answer?.headers()["content-type"]).toMatch(/^text\/plain/);
      expect(await page.title()).not.toBe("owned");
    }
  } finally {
    await scene.close();
  }
});

test("what isn't a film says so, and offers what can be done; a name with markup is a name", async () => {
  const scene = await createFilmStage({ seconds: 1 });
  const { page } = scene.app;
  try {
    const name = "<img src=x onerror=globalThis.owned=1> broken.webm";
    await writeFile(join(scene.share, name), createHash("sha512").update("no film").digest());
    await writeFile(join(scene.share, "old format.avi"), "RIFF");
    await writeFile(join(scene.share, "report.pdf"), "%PDF-1.7");
    await scene.startPeer("Ana");
    await page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
    for (const [words, title] of [
      ["broken", "This browser can't play this .webm file"],
      ["old format", "This browser can't play this .avi file"],
      ["report", "This PDF can't be shown here"],
    ] as const) {
      const fileId = await announced(scene.tracker.url, words, 1);
      await page.goto(`${scene.tracker.url}/f/${fileId}/watch`);
      await expect(page.getByTestId("cannot-show")).toContainText(title);
      await expect(page.getByRole("button", { name: /^(Download|Save)$/ })).toBeVisible();
      if (words !== "old format") continue;
      // The link is one at which other programs really get it.
      await page.getByRole("button", { name: "Copy the link for VLC" }).click();
      const link = await page.evaluate(() => navigator.clipboard.readText());
      expect(new URL(link).pathname).toBe(`/files/${fileId}/old%20format.avi`);
      expect(await (await fetch(link)).text()).toBe("RIFF");
    }
    await expect(page.getByRole("link", { name: "Open at the peer" })).toHaveAttribute(
      "href",
      /\/files\/.*\/report\.pdf$/,
    );
    expect(await page.evaluate("globalThis.owned")).toBeUndefined();
    expectNoErrors(scene.app);
  } finally {
    await scene.close();
  }
});

test("texts show their beginning and more of it, as text; subtitles beside a film are offered and shown", async () => {
  const scene = await createFilmStage({ seconds: 30 });
  const { page } = scene.app;
  try {
    const line = "<script>globalThis.owned = true</script> Ñandú & bees 🐝\n";
    const text = line.repeat(12_000);
    await writeFile(join(scene.share, "field notes.txt"), text);
    const cues =
      "1\n00:00:00,000 --> 00:00:20,000\n<i>Winter</i> <img src=x onerror=globalThis.owned=1>is long\n";
    await writeFile(join(scene.share, "honeycomb.es.srt"), cues);
    await scene.startPeer("Ana");

    const textId = await announced(scene.tracker.url, "field notes", 1);
    await page.goto(`${scene.tracker.url}/f/${textId}/watch`);
    const shown = page.getByTestId("text");
    await expect(shown).toContainText("🐝");
    const first = (await shown.textContent()) ?? "";
    expect(text.startsWith(first)).toBe(true);
    expect(first.length).toBeLessThan(text.length / 2);
    while (await page.getByRole("button", { name: "Show more" }).isVisible()) {
      const before = (await shown.textContent())!.length;
      await page.getByRole("button", { name: "Show more" }).click();
      await until("more is shown", async () =>
        (await shown.textContent())!.length > before ? true : undefined,
      );
    }
    expect(await shown.textContent()).toBe(text);
    expect(await readFile(join(scene.share, "field notes.txt"), "utf8")).toBe(text);

    await scene.openFilm(1);
    await showsSecond(page, 0);
    await page.getByLabel("Subtitles").selectOption({ label: "honeycomb.es.srt" });
    await expect
      .poll(() =>
        page.evaluate(`[...document.querySelector("[data-testid=player]").textTracks]
        .map(({ mode, language, cues }) => [mode, language, [...cues].map(({ text }) => text)])`),
      )
      .toEqual([["showing", "es", ["<i>Winter</i> is long"]]]);
    expect(await page.evaluate("globalThis.owned")).toBeUndefined();
    expectNoErrors(scene.app);
  } finally {
    await scene.close();
  }
});
