import { once } from "node:events";
import { rm } from "node:fs/promises";
import { type Server, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ensurePostgres } from "./ensure-postgres.ts";
import { type PostgresServer, startPostgresServer } from "./postgres-server.ts";

/** Where tests look for the door: a socket that says `{ url }` of the run's server, or `{ error }`. */
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
  const path = join(tmpdir(), `panal-postgres-door-${process.pid}`);
  await listen(door, path);
  process.env[DOOR_VARIABLE] = path;
  return async () => {
    door.close();
    await rm(path, { force: true });
    await (await starting?.catch(() => undefined))?.remove();
  };
}

async function listen(door: Server, path: string): Promise<void> {
  await rm(path, { force: true });
  door.listen(path);
  await once(door, "listening");
}
