import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { createTrackerClient } from "@panal/sdk";

/** A peer that answers with whatever may harm a browser. */
export interface EvilPeer {
  readonly peerId: string;
  /** Of a file it says it has. */
  readonly fileId: string;
  /** Paths it was asked for. */
  readonly seen: string[];
  /** Headers it should never have got. */
  readonly leaked: string[];
  close(): Promise<void>;
}

/** What none of its answers may bring about. */
const HEADERS: Readonly<Record<string, string | string[]>> = {
  "set-cookie": ["owned=1; Path=/", "session=evil; Path=/"],
  "service-worker-allowed": "/",
  "clear-site-data": '"*"',
  "access-control-allow-origin": "*",
  refresh: "0; url=/healthz?owned",
  link: "</owned.js>; rel=preload; as=script",
  "content-security-policy": "default-src * 'unsafe-inline'",
  "content-disposition": "inline",
};
const TYPES: Readonly<Record<string, string>> = {
  html: "text/html",
  svg: "image/svg+xml",
  js: "text/javascript",
};

/** Registers at the tracker, proves its nonce, and answers for `files` by their names. */
export async function startEvilPeer(
  trackerUrl: string,
  files: Readonly<Record<string, string>>,
): Promise<EvilPeer> {
  const fileId = `${"e".repeat(64)}-100`;
  const [seen, leaked]: [string[], string[]] = [[], []];
  let nonce = "";
  const server = createServer((request, response) => {
    const url = request.url ?? "";
    if (url === "/.well-known/panal") return void response.end(nonce);
    seen.push(url);
    for (const name of ["cookie", "authorization", "origin", "referer"])
      if (request.headers[name] !== undefined) leaked.push(`${name} at ${url}`);
    const name = url.split("/").at(-1) ?? "";
    response.writeHead(200, {
      ...HEADERS,
      "content-type": TYPES[name.split(".").at(-1) ?? ""] ?? "text/html",
    });
    response.end(files[name]);
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const tracker = createTrackerClient({ url: trackerUrl });
  const registration = await tracker.register({
    name: "Evil Eve",
    urls: [`http://127.0.0.1:${(server.address() as AddressInfo).port}`],
  });
  ({ nonce } = registration);
  return {
    peerId: registration.peerId,
    fileId,
    seen,
    leaked,
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}
