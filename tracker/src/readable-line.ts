import { logText } from "./log-text.ts";

/** Fields with a place of their own in the line. */
const PLACED = new Set(["time", "level", "message", "error"]);

/** A line of JSON as a person reads it: time of day (UTC), level, message, then the other fields; errors with their stack below. */
export function readableLine(json: string): string {
  const fields = JSON.parse(json) as Record<string, unknown>;
  const rest = Object.entries(fields)
    .filter(([name]) => !PLACED.has(name))
    .map(([name, value]) => `${name}=${valueText(value)}`);
  const level = textOf(fields["level"]).toUpperCase().padEnd(5);
  const first = [textOf(fields["time"]).slice(11, 23), level, textOf(fields["message"]), ...rest].join(" ");
  const error = fields["error"] as { message?: unknown; stack?: unknown } | undefined;
  if (error === undefined) return first;
  const stack = Array.isArray(error.stack) ? error.stack.map(textOf) : [];
  return [`${first}: ${textOf(error.message)}`, ...stack].join("\n");
}

/** In quotes where it wouldn't read as one word. */
function valueText(value: unknown): string {
  const text = textOf(value);
  return /^[^\s"=]+$/.test(text) ? text : JSON.stringify(text);
}

function textOf(value: unknown): string {
  return logText(typeof value === "string" ? value : (JSON.stringify(value) ?? ""));
}
