import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { ensurePostgres } from "./ensure-postgres.ts";
import { type PostgresServer, startPostgresServer } from "./postgres-server.ts";

/** Where tests look for the door: a port of this machine that says `{ url }` of the run's server, or `{ error }`. */
const DOOR_VARIABLE = "PANAL_POSTGRES_DOOR";

/** One PostgreSQL server for the whole run, started when the first test asks for it: most runs of single files don't. */
export default async function setup(): Promise<() => Promise<void>> {
  let starting: Promise<PostgresServer> | undefined;
  const door = createServer((socket) => {
    starting ??= ensurePostgres().then(startPostgresServer);
    starting.then(
      (server) => socket.end(JSON.stringify({ url: server.url("postgres") })),
      (error: unknown) => socket.end(JSON.stringify({ error: String(error) })),
    );
    socket.on("error", () => {});
  });
  door.listen(0, "127.0.0.1");
  await once(door, "listening");
  process.env[DOOR_VARIABLE] = String((door.address() as AddressInfo).port);
  return async () => {
    door.close();
    await (await starting?.catch(() => undefined))?.remove();
  };
}
