/** Calls back after some milliseconds; gives what takes that back. So that tests own time. */
export type Wait = (ms: number, then: () => void) => () => void;

export const waitMs: Wait = (ms, then) => {
  const timer = setTimeout(then, ms);
  return () => clearTimeout(timer);
};
