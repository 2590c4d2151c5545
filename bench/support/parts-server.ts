// The bar for uploads of pages: what plain Node can do, in a process of its own: each part goes to a file.
import { createWriteStream } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";

const [folder = "", origin = ""] = process.argv.slice(2);
const server = createServer((request, response) => {
  response.setHeader("access-control-allow-origin", origin);
  const name = /^\/(\d+)$/.exec(request.url ?? "")?.[1];
  if (request.method !== "POST" || name === undefined) {
    response.writeHead(404).end();
    return;
  }
  pipeline(request, createWriteStream(join(folder, name), { highWaterMark: 1024 * 1024 })).then(
    () => response.end("stored"),
    () => response.destroy(),
  );
});
server.listen(0, "127.0.0.1", () => {
  console.log(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
});
