/** Of a terminal; those that don't tell are taken for small ones. */
export function terminalSize(stream: NodeJS.WriteStream): { columns: number; rows: number } {
  return { columns: stream.columns || 80, rows: stream.rows || 24 };
}

/** Columns of the terminal, or 0 when there is none: then nothing is cut. */
export function terminalWidth(stream: NodeJS.WriteStream = process.stdout): number {
  return stream.isTTY ? terminalSize(stream).columns : 0;
}
