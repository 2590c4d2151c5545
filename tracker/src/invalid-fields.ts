import { PanalError, type Problem } from "@panal/sdk";
import type { z } from "zod";

/** Wrong fields named in one answer. */
const MAX_FIELDS = 20;

type FieldError = NonNullable<Problem["errors"]>[number];

/** Malformed input; names each field that is wrong. */
export class InvalidFieldsError extends PanalError {
  readonly fields: readonly FieldError[];

  constructor(fields: readonly FieldError[]) {
    super("invalid", fields.map(({ field, message }) => `${field}: ${message}`).join("; "));
    this.fields = fields;
  }

  /** `root` names what was parsed when the mistake isn't in a field of it. */
  static fromZod(error: z.ZodError, root: string): InvalidFieldsError {
    const fields = error.issues
      .flatMap((issue) => deepest(issue))
      .slice(0, MAX_FIELDS)
      .map((issue) => ({ field: fieldName(issue.path, root), message: issue.message }));
    return new InvalidFieldsError(fields);
  }
}

/** One wrong field. */
export function invalidField(field: string, message: string): InvalidFieldsError {
  return new InvalidFieldsError([{ field, message }]);
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

/** `["files", 3, "fileId"]` as "files[3].fileId". */
function fieldName(path: readonly PropertyKey[], root: string): string {
  let name = typeof path[0] === "number" ? root : "";
  for (const part of path) {
    name += typeof part === "number" ? `[${part}]` : `${name === "" ? "" : "."}${String(part)}`;
  }
  return name === "" ? root : name;
}
