/** Upload codes by peer id, of this browser. */
const KEY = "panal.upload-codes";
/** The oldest is forgotten first. */
const MAX_CODES = 200;
/** No peer has a longer one, and a header has to hold it. */
const MAX_CODE_LENGTH = 128;

interface UploadCodes {
  get(peerId: string): string | undefined;
  /** Until the page is closed, or it is confirmed. Undefined: forgotten for good. */
  set(peerId: string, code: string | undefined): void;
  /** It is the right one: remembered from now on. */
  confirm(peerId: string): void;
  subscribe(listener: () => void): () => void;
}

/** A code as it may stand in a header, without what was typed around it; undefined when it can't be one. */
export function parseUploadCode(text: string): string | undefined {
  const code = text.trim();
  return code.length <= MAX_CODE_LENGTH && /^[\x21-\x7e]+$/.test(code) ? code : undefined;
}

/** The code in the link a peer prints, `#upload=CODE`. */
export function codeOfHash(hash: string): string | undefined {
  const written = /^#upload=(.+)$/.exec(hash)?.[1];
  if (written === undefined) return undefined;
  try {
    return parseUploadCode(decodeURIComponent(written));
  } catch {
    return undefined;
  }
}

export function createUploadCodes(storage: () => Pick<Storage, "getItem" | "setItem">): UploadCodes {
  const kept = read(storage);
  const codes = new Map(kept);
  const listeners = new Set<() => void>();

  function keep(peerId: string, code: string | undefined): void {
    kept.delete(peerId);
    if (code !== undefined) kept.set(peerId, code);
    const [oldest] = kept.keys();
    if (kept.size > MAX_CODES && oldest !== undefined) kept.delete(oldest);
    try {
      storage().setItem(KEY, JSON.stringify([...kept]));
    } catch {
      // Then it holds until the page is closed.
    }
  }

  return {
    get: (peerId) => codes.get(peerId),
    set(peerId, code) {
      if (code === undefined) {
        codes.delete(peerId);
        keep(peerId, undefined);
      } else codes.set(peerId, code);
      for (const listener of listeners) listener();
    },
    confirm: (peerId) => keep(peerId, codes.get(peerId)),
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

/** What isn't ours is left out. */
function read(storage: () => Pick<Storage, "getItem">): Map<string, string> {
  try {
    const stored: unknown = JSON.parse(storage().getItem(KEY) ?? "[]");
    const entries = Array.isArray(stored) ? (stored as unknown[]) : [];
    return new Map(
      entries.flatMap((entry): [string, string][] => {
        const [peerId, written] = Array.isArray(entry) ? (entry as unknown[]) : [];
        const code = typeof written === "string" ? parseUploadCode(written) : undefined;
        return typeof peerId === "string" && code !== undefined ? [[peerId, code]] : [];
      }),
    );
  } catch {
    return new Map();
  }
}

/** Those of this browser. */
export const uploadCodes = createUploadCodes(() => localStorage);
