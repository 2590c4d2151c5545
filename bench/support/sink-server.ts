// The bar for uploads: what plain Node can do, in a process of its own: a body goes to a file.
import { createWriteStream } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { pipeline } from "node:stream/promises";

const path = process.argv[2] ?? "";
const server = createServer((request, response) => {
  pipeline(request, createWriteStream(path, { highWaterMark: 1024 * 1024 })).then(
    () => response.end("stored"),
    () => response.destroy(),
  );
});
server.listen(0, "127.0.0.1", () => {
  console.log(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
});
