/** Whose pages may read from this peer: never everybody's. */
export interface AllowedOrigins {
  has(origin: string): boolean;
  /** What the tracker says now, in place of what it said before. */
  setFromTracker(origins: readonly string[]): void;
}

/** `fixed`: from the command line. Anything that isn't an http(s) origin is left out. */
export function createAllowedOrigins(fixed: readonly string[]): AllowedOrigins {
  const always = new Set(fixed.filter(isOrigin));
  let current = new Set<string>();
  return {
    has: (origin) => always.has(origin) || current.has(origin),
    setFromTracker(origins) {
      current = new Set(origins.filter(isOrigin));
    },
  };
}

export function isOrigin(text: string): boolean {
  if (!/^https?:\/\//.test(text) || !URL.canParse(text)) return false;
  return new URL(text).origin === text;
}
