import { Validator } from "@seriousme/openapi-schema-validator";
import { afterEach, beforeEach, expect, test } from "vitest";
import { PROBLEM_KINDS } from "../problem.ts";
import { type TestTracker, createTestTracker } from "../testing/test-tracker.ts";

/** What a tracker answers to, of what anybody may build on. */
const ROUTES = [
  "post /api/v1/peers",
  "get /api/v1/peers",
  "get /api/v1/peers/{peerId}",
  "delete /api/v1/peers/{peerId}",
  "post /api/v1/peers/{peerId}/heartbeat",
  "put /api/v1/peers/{peerId}/files",
  "patch /api/v1/peers/{peerId}/files",
  "get /api/v1/peers/{peerId}/files",
  "get /api/v1/files",
  "get /api/v1/files/{fileId}",
  "get /api/v1/files/{fileId}/torrent",
  "get /api/v1/events",
  "get /api/v1/stats",
  "get /healthz",
  "get /readyz",
  "get /metrics",
  "post /register",
  "get /search/{filename}",
  "post /logout",
];

let tracker: TestTracker;
beforeEach(() => {
  tracker = createTestTracker();
});
afterEach(() => tracker.close());

test("/openapi.json is OpenAPI 3.1 to a validator that isn't ours", async () => {
  const { body } = await tracker.call("/openapi.json");
  const validator = new Validator();
  expect(await validator.validate(structuredClone(body))).toMatchObject({ valid: true });
  expect(validator.version).toBe("3.1");
  // And that validator would have said so.
  const broken = { ...structuredClone(body), info: {} };
  expect(await new Validator().validate(broken)).toMatchObject({ valid: false });
});

test("/openapi.json has every route, each parameter of a path, and an answer for each", async () => {
  const { body } = await tracker.call("/openapi.json");
  const paths = body.paths as Record<string, Record<string, { parameters?: object[]; responses: object }>>;
  const documented = Object.entries(paths).flatMap(([path, item]) =>
    Object.keys(item).map((method) => `${method} ${path}`),
  );
  expect(documented).toEqual(expect.arrayContaining(ROUTES));
  for (const [path, item] of Object.entries(paths)) {
    for (const { parameters = [], responses } of Object.values(item)) {
      const names = Array.from(path.matchAll(/\{(\w+)\}/g), (match) => match[1]);
      for (const name of names) {
        expect(parameters).toContainEqual(expect.objectContaining({ name, in: "path", required: true }));
      }
      expect(Object.keys(responses).some((status) => status.startsWith("2"))).toBe(true);
    }
  }
});

test("/docs lists every route and problem, loads nothing from elsewhere, and may run its own script alone", async () => {
  const { body, headers } = await tracker.call("/docs");
  const page = body as string;
  for (const route of ROUTES) {
    const [method = "", path = ""] = route.split(" ");
    expect(page).toContain(`data-method="${method.toUpperCase()}" data-path="${path}"`);
  }
  for (const kind of Object.keys(PROBLEM_KINDS)) expect(page).toContain(`urn:panal:problem:${kind}`);
  const loaded = Array.from(page.matchAll(/\b(?:src|href|action)="([^"]*)"/g), (match) => match[1]);
  expect(loaded.toSorted()).toEqual(["/docs/try.js", "/openapi.json"]);
  expect(page.match(/<script\b/g)).toHaveLength(1);
  const policy = headers.get("content-security-policy") ?? "";
  expect(policy).toMatch(/script-src 'self';.*connect-src 'self';/);
  expect(policy).not.toMatch(/unsafe|https?:|\*/);

  const script = await tracker.call("/docs/try.js");
  expect(script.headers.get("content-type")).toMatch(/^text\/javascript/);
  expect(script.body).not.toMatch(/https?:\/\/|innerHTML|eval\(/);
});
