// bittorrent-tracker as its own command line starts it for HTTP alone, but for the parts that a server has no use for, and at
// a port of the system's choice: bittorrent-tracker-server.ts PATH_OF_ITS_SERVER.JS
import { pathToFileURL } from "node:url";

interface Server {
  readonly http: { address(): { port: number } };
  listen(port: number, hostname: { http: string }, onListening: () => void): void;
}

const [script = ""] = process.argv.slice(2);
const { default: Server } = (await import(pathToFileURL(script).href)) as {
  default: new (options: object) => Server;
};
const server = new Server({ http: true, udp: false, ws: false, stats: true });
server.listen(0, { http: "127.0.0.1" }, () => {
  console.log(`http://127.0.0.1:${server.http.address().port}`);
});
