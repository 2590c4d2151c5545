import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { findNginx } from "../../scripts/find-proxies.ts";
import { freePort } from "./free-port.ts";
import { until } from "./processes.ts";

/** A site of a proxy's, and what it stands before. */
export interface Site {
  readonly url: string;
  readonly port: number;
  readonly innerPort: number;
}

export async function freeSite(scheme: "http" | "https"): Promise<Site> {
  const port = await freePort();
  const host = scheme === "https" ? "localhost" : "127.0.0.1";
  return { url: `${scheme}://${host}:${port}`, port, innerPort: await freePort() };
}

export interface NginxOptions {
  /** Is made; holds all it writes. */
  folder: string;
  sites: readonly Site[];
  /** For each site, in nginx's words; without, it is as it was installed: gathers each body, and takes 1 MiB of it. */
  more?: string;
}

/** A real nginx in front of what listens at loopback; gives what ends it. */
export async function startNginx({
  folder,
  sites,
  more = "",
}: NginxOptions): Promise<{ close(): Promise<void> }> {
  const inFolder = (name: string) => join(folder, name);
  await mkdir(folder, { recursive: true });
  const temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
    .map((name) => `${name}_temp_path ${inFolder(name)};`)
    .join(" ");
  const servers = sites.map(
    ({ port, innerPort }) =>
      `server { listen 127.0.0.1:${port}; ${more} location / { proxy_pass http://127.0.0.1:${innerPort}; } }`,
  );
  await writeFile(
    inFolder("nginx.conf"),
    `${process.getuid?.() === 0 ? "user root;" : ""} daemon off; pid ${inFolder("pid")}; events {}
     http { access_log off; ${temporary} ${servers.join("\n")} }`,
  );
  const args = ["-e", inFolder("error.log"), "-c", inFolder("nginx.conf")];
  const nginx: ChildProcess = spawn(findNginx() ?? "nginx", args, { stdio: "inherit" });
  await until("nginx answers", () =>
    fetch(`${sites[0]!.url}/`).then(
      () => true,
      () => undefined,
    ),
  );
  return {
    async close() {
      const gone = once(nginx, "exit");
      nginx.kill("SIGTERM");
      await gone;
    },
  };
}
