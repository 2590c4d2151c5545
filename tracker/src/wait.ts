/** Calls back after some milliseconds; gives what takes that back. So that tests own time. */
export type Wait = (ms: number, then: () => void) => () => void;

export const waitMs: Wait = (ms, then) => {
  const timer = setTimeout(then, ms);
  return () => clearTimeout(timer);
};

/** Rejects with what `late` gives when the work takes longer; it isn't stopped by that. */
export async function withinTime<T>(
  work: Promise<T>,
  { ms, wait, late }: { ms: number; wait: Wait; late: () => Error },
): Promise<T> {
  const over = Promise.withResolvers<never>();
  const stopWaiting = wait(ms, () => over.reject(late()));
  try {
    return await Promise.race([work, over.promise]);
  } finally {
    stopWaiting();
  }
}
