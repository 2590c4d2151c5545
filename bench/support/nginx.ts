import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { freePort } from "../../e2e/support/free-port.ts";
import { until } from "../../e2e/support/processes.ts";

/** nginx of the distribution over a folder, with sendfile; undefined when it isn't installed. */
export async function startNginx(
  folder: string,
  state: string,
): Promise<{ url: string; stop(): Promise<void> } | undefined> {
  const port = await freePort();
  await mkdir(state, { recursive: true });
  const config = join(state, "nginx.conf");
  await writeFile(
    config,
    `daemon off; user root; pid ${state}/pid; error_log ${state}/error.log; worker_processes 1;
     events {}
     http {
       access_log off; sendfile on; tcp_nopush on;
       client_body_temp_path ${state}; proxy_temp_path ${state}; fastcgi_temp_path ${state};
       uwsgi_temp_path ${state}; scgi_temp_path ${state};
       server { listen 127.0.0.1:${port}; root ${folder}; }
     }`,
  );
  const child = spawn("nginx", ["-c", config], { stdio: "ignore" });
  const missing = new Promise<true>((resolve) => child.once("error", () => resolve(true)));
  const url = `http://127.0.0.1:${port}`;
  const isMissing = await Promise.race([
    missing,
    until("nginx answers", () =>
      fetch(url).then(
        () => false,
        () => undefined,
      ),
    ),
  ]);
  if (isMissing) return undefined;
  return {
    url,
    async stop() {
      const gone = once(child, "exit");
      child.kill("SIGTERM");
      await gone;
    },
  };
}
