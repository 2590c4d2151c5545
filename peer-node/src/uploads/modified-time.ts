/** Milliseconds since 1970; 0 for what no clock says. */
export function parseModifiedMs(modifiedMs: bigint): number {
  const ms = Number(modifiedMs);
  return ms > 0 && ms <= Date.UTC(9999, 11, 31) ? ms : 0;
}
