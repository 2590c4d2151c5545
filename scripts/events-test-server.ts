import type { IncomingMessage, ServerResponse } from "node:http";

/** A connection as the tracker of a scene saw it. */
interface Connection {
  readonly lastEventId: string | undefined;
  isOpen: boolean;
}

/** By the name a test gives its scene. */
const scenes = new Map<string, Connection[]>();
/** The first connections of scenes, as long as nobody broke them. */
const unbroken = new Map<string, ServerResponse>();

const eventOf = (id: number, name: string) =>
  `id: run.${id}\nevent: peer-joined\ndata: ${JSON.stringify({ peerId: `peer-000${id}`, name })}\n\n`;

/**
 * A tracker's events for tests in the browser: the first connection brings two events, cut in the middle of a character, and
 * breaks off when `{scene}/break` is asked for: before that, a browser may throw away what it hasn't handed on. The second
 * goes on and stays. `{scene}/connections` tells of them.
 */
export function answerEvents(path: string, request: IncomingMessage, response: ServerResponse): void {
  const [scene = "", ...rest] = path.split("?")[0]!.split("/");
  const connections = scenes.get(scene) ?? [];
  scenes.set(scene, connections);
  if (rest.join("/") === "connections") {
    response.setHeader("content-type", "application/json");
    response.end(JSON.stringify(connections));
    return;
  }
  if (rest.join("/") === "break") {
    unbroken.get(scene)?.destroy();
    unbroken.delete(scene);
    response.end();
    return;
  }
  if (scene === "old-tracker") {
    response.writeHead(404, { "content-type": "application/problem+json" });
    response.end(JSON.stringify({ title: "Not found", status: 404 }));
    return;
  }
  const lastEventId = request.headers["last-event-id"];
  const connection: Connection = { lastEventId: lastEventId?.toString(), isOpen: true };
  connections.push(connection);
  response.once("close", () => (connection.isOpen = false));
  response.writeHead(200, { "content-type": "text/event-stream", "cache-control": "no-cache" });
  if (connections.length > 1) {
    response.write(eventOf(3, "Cleo"));
    return;
  }
  const bytes = Buffer.from(`: hello\n\n${eventOf(1, "Ana")}${eventOf(2, "Bea 🐝")}`);
  const middle = bytes.indexOf(Buffer.from("🐝")) + 2;
  unbroken.set(scene, response);
  response.write(bytes.subarray(0, middle), () => setImmediate(() => response.write(bytes.subarray(middle))));
}
