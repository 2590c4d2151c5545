import { logText } from "./log-text.ts";

/**
 * A line of JSON as a person reads it: time of day (UTC), level, message, then the other fields; errors with their stack below.
 * Requests as everybody writes them: "GET /api/v1/files 200 3.4 ms".
 */
export function readableLine(json: string): string {
  const { time, level, message, error: cause, ...fields } = JSON.parse(json) as Record<string, unknown>;
  const { what, others } = happened(textOf(message), fields);
  // What is longest and tells least comes last.
  const { id, ...rest } = others;
  const words = Object.entries(id === undefined ? rest : { ...rest, id }).map(
    ([name, value]) => `${name}=${valueText(value)}`,
  );
  const first = [textOf(time).slice(11, 23), textOf(level).toUpperCase().padEnd(5), what, ...words].join(" ");
  const error = cause as { message?: unknown; stack?: unknown } | undefined;
  if (error === undefined) return first;
  const stack = Array.isArray(error.stack) ? error.stack.map(textOf) : [];
  return [`${first}: ${textOf(error.message)}`, ...stack].join("\n");
}

function happened(message: string, fields: Record<string, unknown>) {
  const { method, path, status, ms, ...others } = fields;
  const parts = [method, path, status, ms];
  if (message !== "request" || parts.includes(undefined)) return { what: message, others: fields };
  return { what: `${parts.map(textOf).join(" ")} ms`, others };
}

/** In quotes where it wouldn't read as one word. */
function valueText(value: unknown): string {
  const text = textOf(value);
  return /^[^\s"=]+$/.test(text) ? text : JSON.stringify(text);
}

function textOf(value: unknown): string {
  return logText(typeof value === "string" ? value : (JSON.stringify(value) ?? ""));
}
