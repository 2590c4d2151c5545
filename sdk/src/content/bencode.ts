/** What BitTorrent files are made of: integers, byte strings, lists, dictionaries. */
export type Bencodable =
  | number
  | string
  | Uint8Array
  | readonly Bencodable[]
  | ReadonlyMap<string | Uint8Array, Bencodable>;

const encoder = new TextEncoder();

/**
 * The one encoding BEP 3 allows for a value: dictionaries in the order of their keys' bytes. Texts are UTF-8; keys are
 * texts or, as in a torrent's piece layers, bytes. Integers are safe ones.
 */
export function bencode(value: Bencodable): Uint8Array<ArrayBuffer> {
  const parts: Uint8Array[] = [];
  write(value, parts);
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

function write(value: Bencodable, parts: Uint8Array[]): void {
  if (typeof value === "number") {
    parts.push(encoder.encode(`i${value}e`));
  } else if (typeof value === "string") {
    write(encoder.encode(value), parts);
  } else if (value instanceof Uint8Array) {
    parts.push(encoder.encode(`${value.length}:`), value);
  } else if (value instanceof Map) {
    parts.push(encoder.encode("d"));
    const entries = [...value].map(([key, item]) => ({
      key: typeof key === "string" ? encoder.encode(key) : key,
      item,
    }));
    for (const { key, item } of entries.sort((a, b) => compareBytes(a.key, b.key))) {
      write(key, parts);
      write(item, parts);
    }
    parts.push(encoder.encode("e"));
  } else {
    parts.push(encoder.encode("l"));
    for (const item of value as readonly Bencodable[]) write(item, parts);
    parts.push(encoder.encode("e"));
  }
}

function compareBytes(a: Uint8Array, b: Uint8Array): number {
  for (let i = 0; i < Math.min(a.length, b.length); i++) if (a[i] !== b[i]) return a[i]! - b[i]!;
  return a.length - b.length;
}
