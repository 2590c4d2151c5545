import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connectRemoteControl, listeningUrl } from "./remote-control.ts";

/** Off in a new profile: pages of its own, calls home, and work in the background. */
const PREFERENCES: Readonly<Record<string, boolean | number | string>> = {
  "app.normandy.enabled": false,
  "app.update.disabledForTesting": true,
  "browser.aboutwelcome.enabled": false,
  "browser.safebrowsing.downloads.remote.enabled": false,
  "browser.shell.checkDefaultBrowser": false,
  "browser.startup.page": 0,
  "datareporting.policy.dataSubmissionEnabled": false,
  "network.captive-portal-service.enabled": false,
  "network.connectivity-service.enabled": false,
  "services.settings.server": "data:,#remote-settings-dummy/v1",
  "toolkit.telemetry.unified": false,
};

export interface BareFirefoxOptions {
  /** Takes certificates that nobody vouches for. */
  readonly isTrusting?: boolean;
  /** Besides those every test has. */
  readonly preferences?: Readonly<Record<string, boolean | number | string>>;
}

/** A page in a Firefox. */
export interface BareFirefox {
  /** The value of an expression in the page; promises are waited for. Only what JSON can say comes back. */
  evaluate<T>(expression: string): Promise<T>;
  /** Chooses files of this machine's disk, as a person does in the dialog of a field for files. */
  choose(selector: string, paths: readonly string[]): Promise<void>;
  close(): Promise<void>;
}

/**
 * Opens a page in a Firefox with a fresh profile, over WebDriver BiDi, which Firefox speaks by itself: no driver in
 * between, and nothing watches the page but our questions.
 */
export async function openBareFirefox(
  executablePath: string,
  url: string,
  { isTrusting = false, preferences = {} }: BareFirefoxOptions = {},
): Promise<BareFirefox> {
  const profile = await mkdtemp(join(tmpdir(), "panal-profile-"));
  const lines = Object.entries({ ...PREFERENCES, ...preferences }).map(
    ([name, value]) => `user_pref(${JSON.stringify(name)}, ${JSON.stringify(value)});\n`,
  );
  await writeFile(join(profile, "user.js"), lines.join(""));
  const child = spawn(
    executablePath,
    ["--headless", "--no-remote", "--remote-debugging-port=0", "--profile", profile, "about:blank"],
    { stdio: ["ignore", "ignore", "pipe"], env: { ...process.env, HOME: profile } },
  );
  const browser = await connectRemoteControl(`${await listeningUrl(child)}/session`);
  await browser.call("session.new", { capabilities: { alwaysMatch: { acceptInsecureCerts: isTrusting } } });
  const { context } = await browser.call<{ context: string }>("browsingContext.create", { type: "tab" });
  await browser.call("browsingContext.navigate", { context, url, wait: "complete" });
  return {
    async evaluate<T>(expression: string) {
      // As text: BiDi's own form of a value has a type beside each part.
      const { type, result, exceptionDetails } = await browser.call<Evaluated>("script.evaluate", {
        expression: `Promise.resolve(${expression}).then((value) => JSON.stringify({ value }))`,
        target: { context },
        awaitPromise: true,
      });
      if (type === "exception") throw new Error(`in the page: ${exceptionDetails?.text}`);
      return (JSON.parse(result?.value ?? "{}") as { value?: unknown }).value as T;
    },
    async choose(selector, files) {
      const { nodes } = await browser.call<{ nodes: { sharedId: string }[] }>("browsingContext.locateNodes", {
        context,
        locator: { type: "css", value: selector },
        maxNodeCount: 1,
      });
      const [element] = nodes;
      if (element === undefined) throw new Error(`in the page: no ${selector}`);
      await browser.call("input.setFiles", { context, element: { sharedId: element.sharedId }, files });
    },
    async close() {
      browser.close();
      const gone = once(child, "exit");
      child.kill("SIGTERM");
      await gone;
      await rm(profile, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

interface Evaluated {
  type: "success" | "exception";
  result?: { value: string };
  exceptionDetails?: { text: string };
}
