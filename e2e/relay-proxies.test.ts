import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { TEST_CERTIFICATE } from "../peer-node/src/testing/test-certificate.ts";
import { findCaddy } from "../scripts/find-proxies.ts";
import { createHttpsClient } from "./support/https-client.ts";
import { type Site, freeSite, startNginx } from "./support/nginx.ts";
import { type Stage, announced, createStage, until } from "./support/processes.ts";
import { sha256Of, writeSampleFile } from "./support/sample-file.ts";

// The relay and the gateway behind proxies as they are installed: what they gather, and how long a body they take, is theirs to say.

const LENGTH = 24 * 1024 * 1024 + 7;

let stage: Stage;
let proxy: { close(): Promise<void> } | undefined;
const before = process.env["NODE_EXTRA_CA_CERTS"];
beforeEach(async () => {
  stage = await createStage();
});
afterEach(async () => {
  if (before === undefined) delete process.env["NODE_EXTRA_CA_CERTS"];
  else process.env["NODE_EXTRA_CA_CERTS"] = before;
  // First: proxies wait for streams that never end by themselves.
  await stage.close();
  await proxy?.close();
  proxy = undefined;
});

/** A file goes from a peer that nobody can call, through the proxy to the relay, and from the gateway through the proxy to the command line. */
async function relaysThrough(relay: Site, via: Site): Promise<void> {
  const share = join(stage.folder, "share");
  await mkdir(share);
  const digest = await writeSampleFile(join(share, "propolis.bin"), LENGTH, 4);
  const tracker = await stage.startTracker({
    args: [
      `--relay-port=${relay.innerPort}`,
      `--relay-url=${relay.url}`,
      `--via-port=${via.innerPort}`,
      `--via-url=${via.url}`,
      "--heartbeat-seconds=0.5",
      "--trusted-proxy=127.0.0.1",
    ],
  });
  const peer = await stage.startPeer({
    share,
    trackerUrl: tracker.url,
    name: "Behind a proxy",
    args: ["--relay", "--advertise=http://127.0.0.1:1"],
  });
  await until(
    "it is attached",
    () => peer.output().includes(`through the relay at ${relay.url}`) || undefined,
  );
  await announced(tracker.url, "propolis", 1);
  const saved = await stage.runCli(["download", "propolis", "--tracker", tracker.url, "-o", stage.folder]);
  expect(saved).toMatchObject({ code: 0 });
  expect(await sha256Of(join(stage.folder, "propolis.bin"))).toBe(digest);
}

it.each([
  ["as it is installed, which gathers, and takes 1 MiB", ""],
  ["that takes less than any part has", "client_max_body_size 100k;"],
])("nginx %s", { timeout: 120_000 }, async (_, more) => {
  const [relay, via] = [await freeSite("http"), await freeSite("http")];
  proxy = await startNginx({ folder: join(stage.folder, "nginx"), sites: [relay, via], more });
  await relaysThrough(relay, via);
});

it("Caddy, with https", { timeout: 120_000 }, async () => {
  const [relay, via] = [await freeSite("https"), await freeSite("https")];
  const inFolder = (name: string) => join(stage.folder, name);
  await writeFile(inFolder("panal.crt"), TEST_CERTIFICATE.cert);
  await writeFile(inFolder("panal.key"), TEST_CERTIFICATE.key);
  const sites = [relay, via].map(
    ({ url, innerPort }) =>
      `${url} {\n\tbind 127.0.0.1\n\ttls ${inFolder("panal.crt")} ${inFolder("panal.key")}\n` +
      `\treverse_proxy 127.0.0.1:${innerPort}\n}\n`,
  );
  await writeFile(
    inFolder("Caddyfile"),
    `{\n\tadmin off\n\tauto_https disable_redirects\n\tskip_install_trust\n}\n${sites.join("")}`,
  );
  const caddy = spawn(
    findCaddy() ?? "caddy",
    ["run", "--config", inFolder("Caddyfile"), "--adapter", "caddyfile"],
    { stdio: "ignore", env: { ...process.env, XDG_DATA_HOME: stage.folder, XDG_CONFIG_HOME: stage.folder } },
  );
  proxy = {
    async close() {
      const gone = once(caddy, "exit");
      caddy.kill("SIGTERM");
      await gone;
    },
  };
  const client = createHttpsClient({ url: relay.url, ca: TEST_CERTIFICATE.cert });
  await until("Caddy answers", () =>
    client.text("/").then(
      () => true,
      () => undefined,
    ),
  );
  process.env["NODE_EXTRA_CA_CERTS"] = inFolder("panal.crt");
  await relaysThrough(relay, via);
});
