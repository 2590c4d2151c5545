import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chromium } from "@playwright/test";
import { CHROMIUM_FLAGS, findBrowser } from "../../scripts/find-browser.ts";
import { until } from "./processes.ts";
import { connectRemoteControl, listeningUrl } from "./remote-control.ts";

/** A page in a browser that nothing watches but our questions. */
export interface BareApp {
  /** The profile's folder, by which the browser's processes can be told. */
  readonly profile: string;
  /** Where the browser saves files. */
  readonly downloads: string;
  /** Asks the browser something about the page, by the DevTools protocol. */
  call<T>(method: string, params?: Record<string, unknown>): Promise<T>;
  /** The value of an expression in the page; promises are waited for. */
  evaluate<T>(expression: string): Promise<T>;
  /** Types into the element, as a keyboard would. */
  type(selector: string, text: string): Promise<void>;
  /** Gives files of this machine to a field for files, as somebody who chose them. */
  choose(selector: string, paths: readonly string[]): Promise<void>;
  /** Clicks the first element that matches and whose text (or label) does, once there is one. */
  click(selector: string, text: RegExp): Promise<void>;
  close(): Promise<void>;
}

/**
 * Opens a page in a Chromium with a fresh profile, over the DevTools protocol with nothing but Runtime and Input on:
 * Playwright also turns Network on, which keeps what was fetched in the renderer's memory, so that nothing about
 * memory can be measured under it.
 */
export async function openBareApp(url: string, flags: readonly string[] = []): Promise<BareApp> {
  const profile = await mkdtemp(join(tmpdir(), "panal-profile-"));
  const downloads = await mkdtemp(join(tmpdir(), "panal-downloads-"));
  const child = spawn(
    findBrowser() ?? chromium.executablePath(),
    [
      ...CHROMIUM_FLAGS,
      ...flags,
      "--headless",
      "--remote-debugging-port=0",
      `--user-data-dir=${profile}`,
      "--lang=en-US",
      "--window-size=1280,800",
      "about:blank",
    ],
    { stdio: ["ignore", "ignore", "pipe"] },
  );
  const browser = await connectRemoteControl(await listeningUrl(child));
  await browser.call("Browser.setDownloadBehavior", { behavior: "allow", downloadPath: downloads });
  const { targetId } = await browser.call<{ targetId: string }>("Target.createTarget", { url });
  const { sessionId } = await browser.call<{ sessionId: string }>("Target.attachToTarget", {
    targetId,
    flatten: true,
  });

  const app: BareApp = {
    profile,
    downloads,
    call: (method, params = {}) => browser.call(method, params, { sessionId }),
    async evaluate<T>(expression: string) {
      const { result, exceptionDetails } = await app.call<Evaluated>("Runtime.evaluate", {
        expression,
        returnByValue: true,
        awaitPromise: true,
      });
      if (exceptionDetails !== undefined) throw new Error(`in the page: ${JSON.stringify(exceptionDetails)}`);
      return result.value as T;
    },
    async type(selector, text) {
      const focus = `(() => { const found = document.querySelector(${JSON.stringify(selector)}); found?.focus(); return found !== null; })()`;
      await until(`${selector} is there`, async () => (await app.evaluate<boolean>(focus)) || undefined);
      await browser.call("Input.insertText", { text }, { sessionId });
    },
    async choose(selector, paths) {
      const find = `document.querySelector(${JSON.stringify(selector)})`;
      const objectId = await until(`${selector} is there`, async () => {
        const { result } = await browser.call<Evaluated>(
          "Runtime.evaluate",
          { expression: find },
          { sessionId },
        );
        return result.objectId;
      });
      await browser.call("DOM.setFileInputFiles", { files: paths, objectId }, { sessionId });
    },
    async click(selector, text) {
      const click = `(() => {
        const found = [...document.querySelectorAll(${JSON.stringify(selector)})].find((each) =>
          ${String(text)}.test(each.getAttribute("aria-label") ?? each.textContent));
        found?.click();
        return found !== undefined;
      })()`;
      await until(
        `${selector} ${text} is there`,
        async () => (await app.evaluate<boolean>(click)) || undefined,
      );
    },
    async close() {
      browser.close();
      const gone = once(child, "exit");
      child.kill("SIGTERM");
      await gone;
      await Promise.all(
        [profile, downloads].map((folder) => rm(folder, { recursive: true, force: true, maxRetries: 5 })),
      );
    },
  };
  return app;
}

interface Evaluated {
  result: { value: unknown; objectId?: string };
  exceptionDetails?: unknown;
}
