import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { chromium } from "@playwright/test";
import { CHROMIUM_FLAGS, findBrowser } from "../../scripts/find-browser.ts";
import { until } from "./processes.ts";

/** A page in a browser that nothing watches but our questions. */
export interface BareApp {
  /** The profile's folder, by which the browser's processes can be told. */
  readonly profile: string;
  /** Where the browser saves files. */
  readonly downloads: string;
  /** The value of an expression in the page; promises are waited for. */
  evaluate<T>(expression: string): Promise<T>;
  /** Types into the element, as a keyboard would. */
  type(selector: string, text: string): Promise<void>;
  /** Clicks the first element that matches and whose text (or label) does, once there is one. */
  click(selector: string, text: RegExp): Promise<void>;
  close(): Promise<void>;
}

/**
 * Opens a page in a Chromium with a fresh profile, over the DevTools protocol with nothing but Runtime and Input on:
 * Playwright also turns Network on, which keeps what was fetched in the renderer's memory, so that nothing about
 * memory can be measured under it.
 */
export async function openBareApp(url: string): Promise<BareApp> {
  const profile = await mkdtemp(join(tmpdir(), "panal-profile-"));
  const downloads = await mkdtemp(join(tmpdir(), "panal-downloads-"));
  const child = spawn(
    findBrowser() ?? chromium.executablePath(),
    [
      ...CHROMIUM_FLAGS,
      "--headless",
      "--remote-debugging-port=0",
      `--user-data-dir=${profile}`,
      "--lang=en-US",
      "--window-size=1280,800",
      "about:blank",
    ],
    { stdio: ["ignore", "ignore", "pipe"] },
  );
  const browser = await connect(await debuggerUrl(child));
  await browser.call("Browser.setDownloadBehavior", { behavior: "allow", downloadPath: downloads });
  const { targetId } = await browser.call<{ targetId: string }>("Target.createTarget", { url });
  const { sessionId } = await browser.call<{ sessionId: string }>("Target.attachToTarget", {
    targetId,
    flatten: true,
  });

  const app: BareApp = {
    profile,
    downloads,
    async evaluate<T>(expression: string) {
      const { result, exceptionDetails } = await browser.call<Evaluated>(
        "Runtime.evaluate",
        { expression, returnByValue: true, awaitPromise: true },
        sessionId,
      );
      if (exceptionDetails !== undefined) throw new Error(`in the page: ${JSON.stringify(exceptionDetails)}`);
      return result.value as T;
    },
    async type(selector, text) {
      const focus = `(() => { const found = document.querySelector(${JSON.stringify(selector)}); found?.focus(); return found !== null; })()`;
      await until(`${selector} is there`, async () => (await app.evaluate<boolean>(focus)) || undefined);
      await browser.call("Input.insertText", { text }, sessionId);
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
  result: { value: unknown };
  exceptionDetails?: unknown;
}

async function debuggerUrl(child: ChildProcess): Promise<string> {
  const found = Promise.withResolvers<string>();
  createInterface({ input: child.stderr! }).on("line", (line) => {
    const url = /DevTools listening on (ws:\S+)/.exec(line)?.[1];
    if (url !== undefined) found.resolve(url);
  });
  child.once("exit", (code) => found.reject(new Error(`the browser ended with ${code}`)));
  return found.promise;
}

interface Answer {
  id?: number;
  result?: unknown;
  error?: { message: string };
}

/** The DevTools protocol: a question and its answer at a time; events aren't asked for. */
async function connect(url: string) {
  const socket = new WebSocket(url);
  await once(socket, "open");
  const waiting = new Map<number, PromiseWithResolvers<unknown>>();
  let nextId = 1;
  socket.addEventListener("message", ({ data }) => {
    const { id, result, error } = JSON.parse(String(data)) as Answer;
    if (id === undefined) return;
    if (error === undefined) waiting.get(id)?.resolve(result);
    else waiting.get(id)?.reject(new Error(error.message));
    waiting.delete(id);
  });
  socket.addEventListener("close", () => {
    for (const { reject } of waiting.values()) reject(new Error("the browser is gone"));
  });
  return {
    call<T>(method: string, params: object, sessionId?: string): Promise<T> {
      const id = nextId++;
      const answer = Promise.withResolvers<unknown>();
      waiting.set(id, answer);
      socket.send(JSON.stringify({ id, method, params, ...(sessionId === undefined ? {} : { sessionId }) }));
      return answer.promise as Promise<T>;
    },
    close: () => socket.close(),
  };
}
