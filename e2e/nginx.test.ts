import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createHash } from "node:crypto";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { FileDetails } from "@panal/sdk";
import { afterAll, beforeAll, expect, it } from "vitest";
import { TEST_CERTIFICATE } from "../peer-node/src/testing/test-certificate.ts";
import { findNginx } from "../scripts/find-proxies.ts";
import { ROOT } from "../scripts/run-command.ts";
import { freePort } from "./support/free-port.ts";
import { type HttpsClient, createHttpsClient } from "./support/https-client.ts";
import { HOST, INNER_ADDRESS, INNER_HOST } from "./support/loopback-hosts.ts";
import { type Stage, announced, createStage, until } from "./support/processes.ts";
import { writeSampleFile } from "./support/sample-file.ts";

// deploy/nginx.conf as it is, but for ports and files, in a real nginx.

let stage: Stage;
let nginx: ChildProcess;
let https: HttpsClient;
/** To the gateway. */
let via: HttpsClient;
/** Past nginx. */
let trackerUrl: string;
let relayUrl: string;
const before = process.env["NODE_EXTRA_CA_CERTS"];

beforeAll(async () => {
  stage = await createStage();
  const [port, trackerPort] = [await freePort(), String(await freePort())];
  const url = `https://localhost:${port}`;
  const [viaPort, innerViaPort] = [await freePort(), await freePort()];
  const viaUrl = `https://localhost:${viaPort}`;
  const [relayPort, innerRelayPort] = [await freePort(), await freePort()];
  relayUrl = `https://localhost:${relayPort}`;
  const options = ["--trusted-proxy", INNER_ADDRESS, "--public-url", url];
  const viaOptions = ["--via-port", String(innerViaPort), "--via-url", viaUrl];
  const relayOptions = ["--relay-port", String(innerRelayPort), "--relay-url", relayUrl];
  await stage.startTracker({
    args: ["--host", INNER_ADDRESS, "--port", trackerPort, ...options, ...viaOptions, ...relayOptions],
  });
  trackerUrl = `http://${INNER_HOST}:${trackerPort}`;
  const inFolder = (name: string) => join(stage.folder, name);
  await writeFile(inFolder("panal.crt"), TEST_CERTIFICATE.cert);
  await writeFile(inFolder("panal.key"), TEST_CERTIFICATE.key);
  const site = await siteWith([
    ["server 127.0.0.1:7070;", `server ${INNER_HOST}:${trackerPort};`],
    ["listen 443 ssl;", `listen ${HOST}:${port} ssl;`],
    ["server_name panal.example.org;", "server_name localhost;"],
    ["/etc/ssl/panal.crt", inFolder("panal.crt")],
    ["/etc/ssl/panal.key", inFolder("panal.key")],
    ["server 127.0.0.1:7080;", `server ${INNER_HOST}:${innerViaPort};`],
    ["listen 7443 ssl;", `listen ${HOST}:${viaPort} ssl;`],
    ["server_name via.panal.example.org;", "server_name localhost;"],
    ["/etc/ssl/via.panal.crt", inFolder("panal.crt")],
    ["/etc/ssl/via.panal.key", inFolder("panal.key")],
    ["server 127.0.0.1:7081;", `server ${INNER_HOST}:${innerRelayPort};`],
    ["listen 7444 ssl;", `listen ${HOST}:${relayPort} ssl;`],
    ["server_name relay.panal.example.org;", "server_name localhost;"],
    ["/etc/ssl/relay.panal.crt", inFolder("panal.crt")],
    ["/etc/ssl/relay.panal.key", inFolder("panal.key")],
  ]);
  const temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
    .map((name) => `${name}_temp_path ${inFolder(name)};`)
    .join(" ");
  await writeFile(
    inFolder("nginx.conf"),
    // Compressing all it can, as some have it.
    `${process.getuid?.() === 0 ? "user root;" : ""} daemon off; pid ${inFolder("pid")}; events {}
     http { access_log off; gzip on; gzip_types *; gzip_min_length 0; ${temporary}
     ${site} }`,
  );
  const args = ["-e", inFolder("error.log"), "-c", inFolder("nginx.conf")];
  nginx = spawn(findNginx() ?? "nginx", args, { stdio: "inherit" });
  https = createHttpsClient({ url, ca: TEST_CERTIFICATE.cert });
  via = createHttpsClient({ url: viaUrl, ca: TEST_CERTIFICATE.cert });
  await until("nginx answers", () =>
    https.text("/healthz").then(
      ({ status }) => status === 200 || undefined,
      () => undefined,
    ),
  );
});
afterAll(async () => {
  if (before === undefined) delete process.env["NODE_EXTRA_CA_CERTS"];
  else process.env["NODE_EXTRA_CA_CERTS"] = before;
  // First: nginx waits for streams that never end by themselves.
  await stage.close();
  const gone = once(nginx, "exit");
  nginx.kill("SIGTERM");
  await gone;
});

/** The site with some words exchanged, each of which must be in it once. */
async function siteWith(exchanged: readonly (readonly [string, string])[]): Promise<string> {
  let site = (await readFile(join(ROOT, "deploy", "nginx.conf"), "utf8")).replaceAll(/^#.*$/gm, "");
  for (const [from, to] of exchanged) {
    expect(site.split(from), from).toHaveLength(2);
    site = site.replace(from, to);
  }
  return site;
}

async function register(body: object, headers: Record<string, string> = {}) {
  return https.text("/api/v1/peers", {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body: JSON.stringify({ name: "Behind nginx", ...body }),
  });
}

it("events come through nginx as they happen, uncompressed", async () => {
  const stream = await https.open("/api/v1/events", { headers: { "accept-encoding": "gzip" } });
  expect(stream.headers["content-encoding"]).toBeUndefined();
  let events = "";
  stream.on("data", (chunk) => (events += String(chunk)));
  const { status, text } = await register({ urls: ["http://192.0.2.1:9001"] });
  expect([status, text]).toEqual([201, text]);
  await until("the event comes", () => events.includes("event: peer-joined") || undefined);
  stream.destroy();
});

it("long lists of files pass", async () => {
  const { text } = await register({ urls: ["http://192.0.2.1:9002"] });
  const { peerId, lease } = JSON.parse(text) as { peerId: string; lease: string };
  const fileId = `${"0".repeat(64)}-64`;
  const files = Array.from({ length: 10_000 }, (_, n) =>
    JSON.stringify({ path: `a folder/${n}.txt`, fileId, mtime: "2026-01-02T03:04:05Z" }),
  );
  const body = files.join("\n");
  expect(body.length).toBeGreaterThan(1024 * 1024);
  const answer = await https.text(`/api/v1/peers/${peerId}/files?revision=1`, {
    method: "PUT",
    headers: { authorization: `Bearer ${lease}` },
    body,
  });
  expect([answer.status, answer.text]).toEqual([200, answer.text]);
});

it("scripts come compressed", async () => {
  const { text } = await https.text("/docs");
  const script = /src="([^"]+)"/.exec(text)?.[1];
  const answer = await https.open(script!, { headers: { "accept-encoding": "gzip" } });
  answer.destroy();
  expect(answer.headers["content-encoding"]).toBe("gzip");
});

it("whoever asks is who nginx says, and not who they say", async () => {
  const { text } = await register({ port: 9003 }, { "x-forwarded-for": "192.0.2.7" });
  expect(text).not.toContain("192.0.2.7");
  const { peerId } = JSON.parse(text) as { peerId?: string };
  const { text: peer } = await https.text(`/api/v1/peers/${peerId}`);
  expect(peer).toContain(INNER_HOST === HOST ? "not-found" : "http://127.0.0.1:9003");
});

it("files come through the gateway behind nginx, whole, in parts, and from all who have them", async () => {
  const share = join(stage.folder, "share");
  await mkdir(share);
  const digest = await writeSampleFile(join(share, "meadow.bin"), 5_000_000);
  await stage.startPeer({ share, trackerUrl, name: "Meadow" });
  const fileId = await announced(trackerUrl, "meadow", 1);
  const { peers } = (await (await fetch(`${trackerUrl}/api/v1/files/${fileId}`)).json()) as FileDetails;
  const path = `/via/${peers[0]!.peerId}/files/${fileId}/meadow.bin`;
  // One that only this machine reaches is passed on to this machine only, which nginx must be able to tell.
  const isTold = INNER_HOST !== HOST;
  for (const each of [path, `/content/${fileId}/meadow.bin`]) {
    const answer = await via.open(each);
    const hash = createHash("sha256");
    for await (const chunk of answer) hash.update(chunk as Buffer);
    if (!isTold) continue;
    expect([answer.statusCode, hash.digest("hex")]).toEqual([200, digest]);
    const part = await via.open(each, { headers: { range: "bytes=1000000-1999999" } });
    part.resume();
    expect([part.statusCode, part.headers["content-length"]]).toEqual([206, "1000000"]);
    await once(part, "end");
  }
});

it("a peer that nobody can call shares through the relay behind nginx, and is read through the gateway behind it", async () => {
  const share = join(stage.folder, "relayed");
  await mkdir(share);
  // More than nginx takes at once, and than it keeps in memory.
  const digest = await writeSampleFile(join(share, "propolis.bin"), 9_000_000, 5);
  process.env["NODE_EXTRA_CA_CERTS"] = join(stage.folder, "panal.crt");
  const peer = await stage.startPeer({
    share,
    trackerUrl,
    name: "Behind NAT",
    args: ["--relay", "--advertise=http://127.0.0.1:1", "--state", join(stage.folder, "relayed-state")],
  });
  await until(
    "it is attached",
    () => peer.output().includes(`through the relay at ${relayUrl}`) || undefined,
  );
  const fileId = await announced(trackerUrl, "propolis", 1);
  const { peers } = (await (await fetch(`${trackerUrl}/api/v1/files/${fileId}`)).json()) as FileDetails;
  // As above: nginx must be able to tell whose address is this machine's.
  if (INNER_HOST === HOST) return;
  const answer = await via.open(`/via/${peers[0]!.peerId}/files/${fileId}/propolis.bin`);
  const hash = createHash("sha256");
  for await (const chunk of answer) hash.update(chunk as Buffer);
  expect([answer.statusCode, hash.digest("hex")]).toEqual([200, digest]);
});
