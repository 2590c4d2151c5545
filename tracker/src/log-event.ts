import type { TrackerEvent } from "./events.ts";
import type { Log } from "./log.ts";
import { logText } from "./log-text.ts";

/** Notes an event: who comes and goes is news, what else changes everyday life. */
export function logEvent(log: Log, { type, peerId, name, fileCount }: TrackerEvent): void {
  const isNews = type === "peer-joined" || type === "peer-left";
  log[isNews ? "info" : "debug"](
    { peerId, name: logText(name), ...(fileCount === undefined ? {} : { fileCount }) },
    type,
  );
}
