import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { TEST_CERTIFICATE } from "../../peer-node/src/testing/test-certificate.ts";
import { CHROMIUM_FLAGS } from "../../scripts/find-browser.ts";
import { findCaddy } from "../../scripts/find-proxies.ts";
import { freePort } from "./free-port.ts";
import { createHttpsClient } from "./https-client.ts";
import { INNER_ADDRESS, INNER_HOST } from "./loopback-hosts.ts";
import { type Stage, until } from "./processes.ts";

/** A tracker and its gateway behind Caddy, each an origin of https. */
export interface HttpsFront {
  /** Of the app, `https://localhost:port`. */
  readonly url: string;
  /** Of the gateway. */
  readonly viaUrl: string;
  /** Past Caddy, for peers. */
  readonly trackerUrl: string;
  /** For Chromium: as if the page were on the internet and peers weren't. Then it lets none of their bytes through straight. */
  readonly flagsAsIfPublic: string[];
  /** Bytes the gateway has passed on to clients. */
  passedBytes(): Promise<number>;
  close(): Promise<void>;
}

export async function startHttpsFront(stage: Stage, trackerArgs: string[] = []): Promise<HttpsFront> {
  const [port, viaPort, innerViaPort] = [await freePort(), await freePort(), await freePort()];
  const [url, viaUrl] = [`https://localhost:${port}`, `https://localhost:${viaPort}`];
  const trackerPort = await freePort();
  const trackerUrl = `http://${INNER_HOST}:${trackerPort}`;
  await stage.startTracker({
    args: [
      `--port=${trackerPort}`,
      `--public-url=${url}`,
      `--via-port=${innerViaPort}`,
      `--via-url=${viaUrl}`,
      // Else Caddy's word would be whoever's: it calls from the address that it calls.
      `--host=${INNER_ADDRESS}`,
      `--trusted-proxy=${INNER_ADDRESS}`,
      ...trackerArgs,
    ],
  });
  const folder = join(stage.folder, "caddy");
  await mkdir(folder);
  const [cert, key] = [join(folder, "panal.crt"), join(folder, "panal.key")];
  await writeFile(cert, TEST_CERTIFICATE.cert);
  await writeFile(key, TEST_CERTIFICATE.key);
  const site = (from: string, to: string) =>
    `${from} {\n\tbind 127.0.0.1\n\ttls ${cert} ${key}\n\treverse_proxy ${to}\n}\n`;
  const file = join(folder, "Caddyfile");
  await writeFile(
    file,
    `{\n\tadmin off\n\tauto_https disable_redirects\n\tskip_install_trust\n}\n` +
      site(url, `${INNER_HOST}:${trackerPort}`) +
      site(viaUrl, `${INNER_HOST}:${innerViaPort}`),
  );
  const caddy: ChildProcess = spawn(
    findCaddy() ?? "caddy",
    ["run", "--config", file, "--adapter", "caddyfile"],
    { stdio: "ignore", env: { ...process.env, XDG_DATA_HOME: folder, XDG_CONFIG_HOME: folder } },
  );
  for (const each of [url, viaUrl]) {
    const client = createHttpsClient({ url: each, ca: TEST_CERTIFICATE.cert });
    await until(`${each} answers`, () =>
      client.text("/healthz").then(
        ({ status }) => status === 200 || undefined,
        () => undefined,
      ),
    );
  }
  return {
    url,
    viaUrl,
    trackerUrl,
    flagsAsIfPublic: [
      ...CHROMIUM_FLAGS,
      "--ignore-certificate-errors",
      `--ip-address-space-overrides=127.0.0.1:${port}=public,127.0.0.1:${viaPort}=public`,
    ],
    async passedBytes() {
      const metrics = await (await fetch(`${trackerUrl}/metrics`)).text();
      const counts = metrics.matchAll(/^panal_via_bytes_total\{[^}]*direction="down"\} (\d+)$/gm);
      return [...counts].reduce((sum, [, bytes]) => sum + Number(bytes), 0);
    },
    async close() {
      if (caddy.exitCode !== null || caddy.signalCode !== null) return;
      const gone = once(caddy, "exit");
      caddy.kill("SIGTERM");
      await gone;
    },
  };
}
