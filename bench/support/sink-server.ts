// The bar for uploads: what plain Node can do, in a process of its own: a body goes to the file it is given, or nowhere.
import { createWriteStream } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { Writable } from "node:stream";
import { pipeline } from "node:stream/promises";

const path = process.argv[2];

const nowhere = () => new Writable({ write: (_chunk, _encoding, done) => done() });
const sinkFor = () =>
  path === undefined ? nowhere() : createWriteStream(path, { highWaterMark: 1024 * 1024 });

const server = createServer((request, response) => {
  pipeline(request, sinkFor()).then(
    () => response.end("taken"),
    () => response.destroy(),
  );
});
server.listen(0, "127.0.0.1", () => {
  console.log(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
});
