import { problemSchema } from "@panal/sdk";
import { z } from "zod";

// Pieces of route descriptions. Bodies are described here but read in `body.ts`, which bounds them first and takes
// whatever Content-Type curl and sendBeacon put on them.

export const peerParams = z.object({ peerId: z.string().min(1).max(64) });

/** What a request carries, for the documentation. */
export function describeBody(schema: z.ZodType, description: string) {
  const json = z.toJSONSchema(schema, { io: "input", unrepresentable: "any" });
  delete json.$schema;
  return {
    description,
    required: true,
    content: { "application/json": { schema: json as Record<string, unknown> } },
  };
}

export function answer<T extends z.ZodType>(schema: T, description: string) {
  return { description, content: { "application/json": { schema } } };
}

/** A page of a list: JSON, or columns for people who ask for `text/plain`. */
export function listAnswer<T extends z.ZodType>(schema: T) {
  return {
    description: "A page; `nextCursor` (last line of the columns) leads to the next one",
    content: { "application/json": { schema }, "text/plain": { schema: z.string() } },
  };
}

const PROBLEMS = {
  400: "Malformed; `errors` names the fields",
  401: "No lease, or one nobody knows",
  403: "Another peer's lease, or a foreign origin",
  404: "No such thing (to a heartbeat: register again)",
  409: "The address is taken, or the revision isn't the tracker's",
  413: "Too large",
  429: "More than an address or a lease may do; `Retry-After` says when there is more",
  503: "Not now; `Retry-After` says when",
} as const;

/** The problems a route can answer with; too many requests is one of every route. */
export function problems<const Status extends keyof typeof PROBLEMS>(...statuses: readonly Status[]) {
  const content = { "application/problem+json": { schema: problemSchema } };
  return Object.fromEntries(
    [...statuses, 429 as const].map((status) => [status, { description: PROBLEMS[status], content }]),
  ) as unknown as { [S in Status]: { description: string; content: typeof content } };
}

export const needsLease = [{ lease: [] }];
