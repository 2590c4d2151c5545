import { execFile } from "node:child_process";
import { once } from "node:events";
import { chmod, mkdir, mkdtemp, readFile, readdir, rm, writeFile } from "node:fs/promises";
import { type IncomingMessage, get, request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, it } from "vitest";
import { findCaddy } from "../scripts/find-proxies.ts";
import { ROOT } from "../scripts/run-command.ts";
import { type ComposeService, readComposeFile } from "./support/compose-file.ts";
import {
  type ImageConfig,
  imageConfig,
  isLeftOut,
  readDockerfile,
  readIgnorePatterns,
} from "./support/dockerfile.ts";
import { freePort } from "./support/free-port.ts";
import { type HttpsClient, createHttpsClient } from "./support/https-client.ts";
import { HOST, INNER_HOST } from "./support/loopback-hosts.ts";
import { type PlainCompose, createPlainCompose } from "./support/plain-compose.ts";
import { type PlainImages, createPlainImages } from "./support/plain-image.ts";
import { startService } from "./support/plain-service.ts";
import { type Stage, createStage, until } from "./support/processes.ts";
import { sha256Of, writeSampleFile } from "./support/sample-file.ts";

// Dockerfile, docker-compose.yml and Caddyfile as they are, but as folders and processes: so that they are tried out where
// no container can run, too. Caddy and PostgreSQL are real ones.

const TRACKERS = ["tracker-one", "tracker-two"];
const PASSWORD = "0f1e2d3c4b5a";
/** Two installations and a build, on a busy machine. */
const BUILD_TIMEOUT_MS = 400_000;
/** What is compressed is longer than this. */
const PACKET_BYTES = 1400;

let stage: Stage;
let folder: string;
let images: PlainImages;
let compose: PlainCompose;
let url: string;
let viaUrl: string;
let relayUrl: string;
let httpPort: number;
let caFile: string;
let https: HttpsClient;
let digest: string;

beforeAll(async () => {
  stage = await createStage();
  folder = await mkdtemp(join(tmpdir(), "panal-compose-"));
  // The images' user is another one.
  await chmod(folder, 0o755);
  const shares = ["one", "two"].map((name) => join(folder, "shares", name));
  for (const share of shares) await mkdir(share, { recursive: true });
  for (const share of shares) digest = await writeSampleFile(join(share, "hive plan.bin"), 9_000_000, 3);
  await writeSampleFile(join(shares[0]!, "queen.txt"), 1_000, 1);
  await writeSampleFile(join(shares[1]!, "drone.txt"), 1_000, 2);

  images = await createPlainImages();
  for (const target of ["tracker", "peer"]) await images.build(target);
  // Only now: a port that is free is so for a moment.
  url = `https://localhost:${await freePort()}`;
  viaUrl = `https://localhost:${await freePort()}`;
  relayUrl = `https://localhost:${await freePort()}`;
  httpPort = await freePort();
  compose = await createPlainCompose({
    images,
    folder,
    httpPort,
    env: {
      POSTGRES_PASSWORD: PASSWORD,
      PANAL_URL: url,
      PANAL_VIA_URL: viaUrl,
      PANAL_RELAY_URL: relayUrl,
      PANAL_SHARE_ONE: shares[0]!,
      PANAL_SHARE_TWO: shares[1]!,
    },
  });
  await compose.start();
  caFile = join(compose.volume("caddy-data"), "caddy", "pki", "authorities", "local", "root.crt");
  https = createHttpsClient({ url, ca: await readFile(caFile, "utf8") });
}, BUILD_TIMEOUT_MS);
afterAll(async () => {
  await compose?.stop();
  await images?.close();
  await stage.close();
  await rm(folder, { recursive: true, force: true });
});

async function register(body: object, headers: Record<string, string> = {}) {
  return https.text("/api/v1/peers", {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body: JSON.stringify({ name: "Behind Caddy", ...body }),
  });
}

async function ownImages(): Promise<[string, ImageConfig][]> {
  const stages = await readDockerfile();
  return ["tracker", "peer"].map((target) => [target, imageConfig(stages, target)]);
}

it("our images have a user of their own, a health check and a pinned base, and hold no secret", async () => {
  for (const [target, config] of await ownImages()) {
    expect(config.base, target).toMatch(/^node:24(-|$)/);
    expect(config.user, target).toMatch(/^[1-9]\d*:[1-9]\d*$/);
    expect(config.stopSignal, target).toBe("SIGTERM");
    expect(config.healthCheck[0], target).toBe("node");
    expect(config.volumes, target).toHaveLength(1);
    for (const name of Object.keys(config.env)) expect(name).not.toMatch(/PASSWORD|SECRET|TOKEN|KEY/);
  }
  const said = (await readDockerfile()).flatMap(({ instructions }) => instructions);
  expect(said.filter(({ name }) => ["ADD", "ARG", "SHELL"].includes(name))).toEqual([]);
});

it("what is secret, or built elsewhere, can't be copied into an image", async () => {
  const patterns = await readIgnorePatterns();
  const isOut = (paths: string[]) => paths.map((path) => [path, isLeftOut(path, patterns)]);
  const secret = [".git/config", ".env", "web/.env.local", ".panal/tracker.db", "deploy/key.pem"];
  const built = ["node_modules", "tracker/node_modules/x/y.js", "sdk/dist/index.js"];
  const tests = ["e2e/cli.test.ts", "tracker/src/app.test.ts", "web/src/app.test.tsx"];
  for (const [path, isLeft] of isOut([...secret, ...built, ...tests]))
    expect(isLeft, String(path)).toBe(true);
  const needed = ["package.json", "tracker/bin/panal-tracker.mjs", "web/index.html", ".npmrc", "LICENSE"];
  for (const [path, isLeft] of isOut(needed)) expect(isLeft, String(path)).toBe(false);
});

it("our images hold what runs, and nothing to build or test with", async () => {
  const { root } = await images.build("tracker");
  const packages = await readdir(join(root, "app", "node_modules"));
  expect(packages).toEqual(expect.arrayContaining(["hono", "piscina"]));
  for (const name of ["vite", "vitest", "typescript", "node", "react"]) expect(packages).not.toContain(name);
  const own = await readdir(join(root, "app"));
  expect(own).toEqual(expect.arrayContaining(["LICENSE", "peer-node", "sdk", "tracker", "web"]));
  for (const name of ["scripts", ".env", "e2e", ".git"]) expect(own).not.toContain(name);
});

it("the tracker's image alone runs as its user, with SQLite in /data", async () => {
  const { config, root, inPlace } = await images.build("tracker");
  const port = String(await freePort());
  const tracker = startService({
    name: "alone",
    command: [...config.entrypoint.map(inPlace), "--host", HOST],
    cwd: join(root, "app"),
    env: {
      PATH: `${images.binFolder}:${process.env["PATH"]}`,
      ...Object.fromEntries(Object.entries(config.env).map(([name, value]) => [name, inPlace(value)])),
      PANAL_TRACKER_PORT: port,
      PANAL_HEALTH_URL: `http://${HOST}:${port}/readyz`,
    },
    user: config.user,
    healthCheck: config.healthCheck,
    stopSignal: config.stopSignal,
  });
  await tracker.becomesHealthy();
  expect(await tracker.stop()).toBe(0);
  expect(await readdir(join(root, "data"))).toEqual(["tracker.db"]);
});

it("every service of docker-compose.yml is confined, pinned, limited, and waits for those it needs", async () => {
  await expect(readComposeFile({})).rejects.toThrow("POSTGRES_PASSWORD: choose one in .env");
  const services = await readComposeFile({ POSTGRES_PASSWORD: PASSWORD });
  const isOpenToAll = ({ all }: ComposeService) =>
    ((all["ports"] ?? []) as string[]).filter((port) => !port.startsWith("127.0.0.1:"));
  for (const service of services) {
    const { name, all, image, target } = service;
    expect(all, name).toMatchObject({
      restart: "unless-stopped",
      read_only: true,
      cap_drop: ["ALL"],
      security_opt: ["no-new-privileges:true"],
      pids_limit: expect.any(Number),
      mem_limit: expect.any(String),
    });
    expect(all, name).not.toHaveProperty("privileged");
    if (target === undefined) expect(image, name).toMatch(/:\d+(-alpine)?$/);
    expect(isOpenToAll(service), name).toEqual(
      name === "caddy" ? ["80:80", "443:443", "443:443/udp", "7443:7443", "7444:7444"] : [],
    );
    expect(name === "caddy" ? ["NET_BIND_SERVICE"] : undefined, name).toEqual(all["cap_add"]);
  }
});

it(".env.example holds each variable of docker-compose.yml, with what counts without it", async () => {
  const [file, example] = await Promise.all(
    ["docker-compose.yml", ".env.example"].map((name) => readFile(join(ROOT, name), "utf8")),
  );
  const used = file!.matchAll(/\$\{(\w+)(?::-([^}]*)|:\?[^}]*)\}/g);
  const shown = example!.matchAll(/^(\w+)=(.*)$/gm);
  const byName = (matches: Iterable<RegExpMatchArray>) =>
    Object.fromEntries(Array.from(matches, ([, name, value = ""]) => [name!, value]));
  expect(byName(shown)).toEqual(byName(used));
});

it("the gateways are an origin of their own behind Caddy", async () => {
  expect(new URL(viaUrl).origin).not.toBe(new URL(url).origin);
  const via = createHttpsClient({ url: viaUrl, ca: await readFile(caFile, "utf8") });
  expect(await via.text("/healthz")).toEqual({ status: 200, text: "ok\n" });
  expect((await via.text("/api/v1/peers")).status).toBe(404);
});

it("who nobody can call shares through the relay behind Caddy, whichever tracker it or its reader asks", async () => {
  expect(new Set([url, viaUrl, relayUrl]).size).toBe(3);
  const env = { NODE_EXTRA_CA_CERTS: caFile };
  const share = join(stage.folder, "behind NAT");
  await mkdir(share);
  await writeFile(join(share, "propolis.txt"), "from behind the router");
  const options = ["--port=0", `--state=${join(stage.folder, "behind NAT's state")}`, "--name=Behind NAT"];
  const args = ["share", "--tracker", url, "--relay", "--advertise=http://192.0.2.1:9", ...options, share];
  const peer = stage.spawnCli(args, { env });
  let output = "";
  for (const stream of [peer.stdout, peer.stderr]) stream!.on("data", (chunk) => (output += String(chunk)));
  try {
    await until("it is attached", () => output.includes(`through the relay at ${relayUrl}`) || undefined);
    const found = await until("it is found", async () => {
      const answer = await https.text("/api/v1/files?q=propolis");
      return (JSON.parse(answer.text) as { files: { fileId: string }[] }).files[0];
    });
    const target = join(stage.folder, "propolis.txt");
    const download = ["download", found.fileId, "--tracker", url, "-o", target];
    expect(await stage.runCli(download, { env })).toMatchObject({ code: 0 });
    expect(await readFile(target, "utf8")).toBe("from behind the router");
  } finally {
    const gone = once(peer, "exit");
    peer.kill("SIGTERM");
    await gone;
  }
  // Both tell tabs where it is.
  for (const tracker of TRACKERS) {
    const headers = { host: `${tracker}:7070`, "content-type": "application/json" };
    const asked = request(`http://${compose.addressOf(tracker, 7070)}/api/v1/peers`, {
      method: "POST",
      headers,
    });
    asked.end(JSON.stringify({ name: "A tab", relay: true }));
    const [answer] = (await once(asked, "response")) as [IncomingMessage];
    expect(JSON.parse(await text(answer)), tracker).toMatchObject({ relayUrl });
  }
});

it("for a name that the internet knows, Caddy gets a real certificate", async () => {
  const args = ["adapt", "--config", join(ROOT, "deploy", "Caddyfile"), "--adapter", "caddyfile"];
  const { stdout } = await promisify(execFile)(findCaddy() ?? "caddy", args, {
    env: {
      PANAL_URL: "https://panal.example.org",
      PANAL_VIA_URL: "https://panal.example.org:7443",
      PANAL_RELAY_URL: "https://panal.example.org:7444",
      PANAL_TLS: "ana@example.org",
    },
  });
  const { apps } = JSON.parse(stdout) as { apps: { tls: { automation: { policies: unknown } } } };
  expect(apps.tls.automation.policies).toEqual([
    {
      subjects: ["panal.example.org"],
      issuers: expect.arrayContaining([{ module: "acme", email: "ana@example.org" }]),
    },
  ]);
});

it("people open the app over HTTPS, and plain http leads them there", async () => {
  const page = await https.text("/");
  expect(page.status).toBe(200);
  const scripts = page.text.matchAll(/"(\/assets\/[^"]+\.js)"/g);
  const packed: unknown[] = [];
  for (const [, script] of scripts) {
    // A short one fits one packet anyway.
    if ((await https.text(script!)).text.length < PACKET_BYTES) continue;
    const answer = await https.open(script!, { headers: { "accept-encoding": "gzip" } });
    answer.destroy();
    packed.push([answer.statusCode, answer.headers["content-encoding"]]);
  }
  expect(packed.length).toBeGreaterThan(2);
  for (const each of packed) expect(each).toEqual([200, "gzip"]);
  const answer = await https.open("/");
  answer.destroy();
  expect(answer.headers["content-security-policy"]).toContain("trusted-types panal");
  const plain = await fetch(`http://localhost:${httpPort}/`, { redirect: "manual" });
  expect([plain.status, plain.headers.get("location")]).toEqual([308, `${url}/`]);
});

it("both peers are registered, and what they share is found", async () => {
  const files = await until("both peers share", async () => {
    const { text } = await https.text("/api/v1/files?q=hive");
    const page = JSON.parse(text) as { files: { fileId: string; peerCount: number }[] };
    return page.files[0]?.peerCount === 2 ? page.files : undefined;
  });
  expect(files).toHaveLength(1);
  const { text } = await https.text("/api/v1/peers", { headers: { accept: "text/plain" } });
  expect(text).toMatch(/Peer one[\s\S]*Peer two/);
  for (const name of ["queen", "drone"]) expect((await https.text(`/search/${name}.txt`)).status).toBe(200);
});

it("peers let the app's page read from them, which has another origin", async () => {
  for (const [peer, port] of [
    ["peer-one", 7071],
    ["peer-two", 7072],
  ] as const) {
    const asked = { headers: { origin: url } };
    const answer = await fetch(`http://${compose.addressOf(peer, port)}/files/nothing`, asked);
    expect(answer.headers.get("access-control-allow-origin"), peer).toBe(url);
  }
});

it("a download through Caddy is complete and right, once Node trusts its certificate", async () => {
  const target = join(stage.folder, "hive plan.bin");
  const args = ["download", "hive plan", "--tracker", url, "-o", target];
  const { code, stdout, stderr } = await stage.runCli(args, { env: { NODE_EXTRA_CA_CERTS: caFile } });
  expect([code, stderr]).toEqual([0, stderr]);
  expect(stdout + stderr).toContain("Peer ");
  expect(await sha256Of(target)).toBe(digest);
  const untrusting = await stage.runCli(args);
  expect([untrusting.code, untrusting.stderr]).toEqual([1, expect.stringContaining("NODE_EXTRA_CA_CERTS")]);
});

it("events come through Caddy as they happen, uncompressed, and the tracker hears when a reader goes", async () => {
  const listeners = async () => {
    let count = 0;
    for (const tracker of TRACKERS) {
      const metrics = await fetch(`http://${compose.addressOf(tracker, 7070)}/metrics`);
      count += Number(/^panal_event_listeners (\d+)/m.exec(await metrics.text())?.[1]);
    }
    return count;
  };
  const before = await listeners();
  const stream = await https.open("/api/v1/events", { headers: { "accept-encoding": "gzip" } });
  expect(stream.headers["content-encoding"]).toBeUndefined();
  let events = "";
  stream.on("data", (chunk) => (events += String(chunk)));
  const registered = await register({ urls: ["http://192.0.2.1:9"] });
  expect(registered.status).toBe(201);
  await until("the event comes", () => events.includes("event: peer-joined") || undefined);
  expect(await listeners()).toBe(before + 1);
  stream.destroy();
  await until("the tracker knows that nobody reads", async () => (await listeners()) === before || undefined);
});

it("whoever asks is who Caddy says, and not who they say", async () => {
  const { text } = await register({ port: 10 }, { "x-forwarded-for": "192.0.2.7" });
  const { peerId } = JSON.parse(text) as { peerId?: string };
  const { text: peer } = await https.text(`/api/v1/peers/${peerId}`);
  expect(peer).toContain(INNER_HOST === HOST ? "not-found" : "http://127.0.0.1:10");
});

it("what one tracker hears, the other knows", async () => {
  for (const tracker of TRACKERS) {
    // By the name that it has in there, which fetch would leave out.
    const headers = { host: `${tracker}:7070` };
    const asked = get(`http://${compose.addressOf(tracker, 7070)}/search/queen.txt`, { headers });
    const [answer] = (await once(asked, "response")) as [IncomingMessage];
    answer.resume();
    expect(answer.statusCode, tracker).toBe(200);
  }
});

it.each(TRACKERS)("nobody who asks misses %s when it is killed, or ends and starts anew", async (name) => {
  await compose.service(name).stop("SIGKILL");
  expect((await https.text("/search/queen.txt")).status).toBe(200);
  await compose.restart(name);
  expect(await compose.service(name).stop()).toBe(0);
  expect(await compose.service(name).isHealthy()).toBe(false);
  expect((await https.text("/search/queen.txt")).status).toBe(200);
  await compose.restart(name);
});

it("everything ends when asked, those first that others don't need", async () => {
  const ends = await compose.stop();
  const names = ["peer-two", "peer-one", "caddy", "tracker-two", "tracker-one", "postgres"];
  expect(ends.map(({ name }) => name)).toEqual(names);
  for (const { name, exitCode } of ends) expect(exitCode, compose.service(name).output()).toBe(0);
  // A password that everybody can read in the log is none.
  for (const name of names) expect(compose.service(name).output()).not.toContain(PASSWORD);
});
