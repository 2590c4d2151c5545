// The bar for a peer over HTTP/2: what plain Node can do, in a process of its own.
import { createReadStream } from "node:fs";
import { createServer } from "node:http2";
import type { AddressInfo } from "node:net";

const path = process.argv[2] ?? "";
const server = createServer();
server.on("stream", (stream) => {
  stream.respond({ ":status": 200 });
  createReadStream(path, { highWaterMark: 1024 * 1024 }).pipe(stream);
});
server.listen(0, "127.0.0.1", () => {
  console.log(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
});
