import type { Problem } from "@panal/sdk";
import { PanalError } from "@panal/sdk/thread";
import type { z } from "zod";

/** Wrong fields named in one answer. */
const MAX_FIELDS = 20;
/** Of a wrong value, as much as shows whoever sent it what they sent. */
const MAX_VALUE_LENGTH = 100;
/** Secrets, which an answer that may end up in a report doesn't repeat. */
const SECRET_FIELDS = new Set<PropertyKey>(["lease", "nonce"]);

type FieldError = NonNullable<Problem["errors"]>[number];

/** Malformed input; names each field that is wrong. */
export class InvalidFieldsError extends PanalError {
  readonly fields: readonly FieldError[];

  constructor(fields: readonly FieldError[], code: "invalid" | "too-large" = "invalid") {
    super(code, fields.map(({ field, message }) => `${field}: ${message}`).join("; "));
    this.fields = fields;
  }

  /** `root` names what was parsed, `value`, when the mistake isn't in a field of it; of a list, it may be what begins at `start`. */
  static fromZod(
    error: z.ZodError,
    { root, value, start = 0 }: { root: string; value: unknown; start?: number },
  ): InvalidFieldsError {
    const fields = error.issues
      .flatMap((issue) => deepest(issue))
      .slice(0, MAX_FIELDS)
      .map(({ path, message }) => ({
        field: fieldName(moved(path, start), root),
        message,
        ...(SECRET_FIELDS.has(path.at(-1) ?? "") ? {} : shownValue(valueAt(value, path))),
      }));
    return new InvalidFieldsError(fields);
  }
}

/** One wrong field; `value` is what it had. */
export function invalidField(
  field: string,
  message: string,
  { value }: { value?: unknown } = {},
): InvalidFieldsError {
  return new InvalidFieldsError([{ field, message, ...shownValue(value) }]);
}

/** A field that is too long or has too much; says how much is taken. */
export function tooLargeField(field: string, message: string): InvalidFieldsError {
  return new InvalidFieldsError([{ field, message }], "too-large");
}

/** What is at a path of a parsed value; nothing where there is nothing. */
function valueAt(value: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (inner, part) =>
      typeof inner === "object" && inner !== null && Object.hasOwn(inner, part)
        ? (inner as Record<PropertyKey, unknown>)[part]
        : undefined,
    value,
  );
}

/** A value that fits an answer: lists and objects are for the sender to look up. */
function shownValue(value: unknown): Pick<FieldError, "value"> {
  switch (typeof value) {
    case "string":
      return { value: value.length > MAX_VALUE_LENGTH ? `${value.slice(0, MAX_VALUE_LENGTH)}…` : value };
    case "number":
    case "boolean":
      return { value };
    default:
      return value === null ? { value } : {};
  }
}

interface Issue {
  readonly path: PropertyKey[];
  readonly message: string;
}

/** Of a value that may be of several shapes, what is wrong with the one it was meant to have: where parsing got furthest. */
function deepest(issue: z.core.$ZodIssue): Issue[] {
  if (issue.code !== "invalid_union") return [issue];
  const shapes = issue.errors.map((issues) => issues.flatMap(deepest));
  const inside = shapes.find((issues) => issues.length > 0 && issues.every(({ path }) => path.length > 0));
  if (inside === undefined) return [issue];
  return inside.map(({ path, message }) => ({ path: [...issue.path, ...path], message }));
}

/** A path into a part of a list, as one into all of it. */
function moved([first, ...rest]: PropertyKey[], start: number): PropertyKey[] {
  if (first === undefined) return rest;
  return [typeof first === "number" ? first + start : first, ...rest];
}

/** `["files", 3, "fileId"]` as "files[3].fileId". */
function fieldName(path: readonly PropertyKey[], root: string): string {
  let name = typeof path[0] === "number" ? root : "";
  for (const part of path) {
    name += typeof part === "number" ? `[${part}]` : `${name === "" ? "" : "."}${String(part)}`;
  }
  return name === "" ? root : name;
}
