import { z } from "zod";
import { PushRefusal } from "./push-refusal.ts";

const MAX_HEAD_LENGTH = 8 * 1024;
const MAX_HEADERS = 32;

const headSchema = z.object({
  status: z.int().min(200).max(599),
  headers: z.record(
    z.string().regex(/^[a-z0-9-]{1,64}$/),
    // What may be in a header: no line ends, nothing that Node would throw at.
    z
      .string()
      .max(4096)
      .regex(/^[\t\x20-\x7e\x80-\xff]*$/),
  ),
});
export type PullHead = z.infer<typeof headSchema>;

/** Status and headers of an answer, as the peer sent them with the first part. Throws a PushRefusal. */
export function parsePullHead(text: string): PullHead {
  if (text.length > MAX_HEAD_LENGTH)
    throw new PushRefusal(400, `panal-head: at most ${MAX_HEAD_LENGTH} characters`);
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    throw new PushRefusal(400, "panal-head: not JSON");
  }
  const { success, data } = headSchema.safeParse(json);
  if (!success || Object.keys(data.headers).length > MAX_HEADERS) {
    throw new PushRefusal(400, 'panal-head: expected {"status": 200 to 599, "headers": {name: value}}');
  }
  return data;
}

/** The length of the body that belongs to it; undefined when only the end will tell. Throws a PushRefusal. */
export function bodyLengthOf({ status, headers }: PullHead, method: string): number | undefined {
  if (method === "HEAD" || status === 204 || status === 304) return 0;
  const announced = headers["content-length"];
  if (announced === undefined) return undefined;
  const length = /^\d{1,15}$/.test(announced) ? Number(announced) : Number.NaN;
  if (Number.isNaN(length)) throw new PushRefusal(400, "panal-head: content-length is no length");
  return length;
}
