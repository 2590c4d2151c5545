import { displayName } from "./safe-path.ts";

export interface Column {
  readonly title: string;
  readonly align?: "left" | "right";
  /** The one column that is cut when the terminal is too narrow. */
  readonly isFlexible?: boolean;
}

const GAP = 2;
const MIN_FLEXIBLE = 12;

/**
 * Rows under their titles, lines of at most `width` characters (0: as long as it takes). Cells may be names from
 * outside: each is shown on one line, nothing hidden or turned.
 */
export function formatTable(
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
  width: number,
): string {
  const cells = [columns.map(({ title }) => title), ...rows.map((row) => row.map(displayName))];
  const widths = columns.map((_, index) => Math.max(...cells.map((row) => textWidth(row[index] ?? ""))));
  const flexible = columns.findIndex(({ isFlexible }) => isFlexible);
  const total = widths.reduce((sum, cell) => sum + cell, 0) + GAP * (columns.length - 1);
  if (width > 0 && flexible >= 0 && total > width) {
    widths[flexible] = Math.max(MIN_FLEXIBLE, widths[flexible]! - (total - width));
  }
  const line = (row: readonly string[]) =>
    columns
      .map(({ align }, index) => fit(row[index] ?? "", widths[index]!, align ?? "left"))
      .join(" ".repeat(GAP))
      .trimEnd();
  return cells.map(line).join("\n");
}

/** Cells a text takes in a terminal. */
export function textWidth(text: string): number {
  let width = 0;
  for (const point of text) width += widthOf(point);
  return width;
}

/** At most `width` cells, with "…" where something is left out. */
export function cut(text: string, width: number): string {
  if (textWidth(text) <= width) return text;
  let result = "";
  let used = 0;
  for (const point of text) {
    used += widthOf(point);
    if (used > width - 1) break;
    result += point;
  }
  return `${result}…`;
}

function fit(text: string, width: number, align: "left" | "right"): string {
  const shown = cut(text, width);
  const padding = " ".repeat(Math.max(0, width - textWidth(shown)));
  return align === "right" ? padding + shown : shown + padding;
}

/** 0 for marks that combine, 2 for the wide scripts and emoji, else 1. */
function widthOf(point: string): number {
  if (/^\p{M}$/u.test(point)) return 0;
  return /^[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|^\p{Emoji_Presentation}/u.test(
    point,
  )
    ? 2
    : 1;
}
