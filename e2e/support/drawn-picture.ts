import { crc32, deflateSync } from "node:zlib";

type Colour = readonly [red: number, green: number, blue: number];

/** What is in a picture: colours by place, both from 0 to 1. */
type Scene = (x: number, y: number) => Colour;

/** A PNG of a comb or a meadow, different for each seed. */
export function drawPicture(
  scene: "comb" | "meadow",
  options: { width: number; height: number; seed: number },
): Buffer {
  const { width, height, seed } = options;
  const paint = scene === "comb" ? comb(seed) : meadow(seed);
  const rows = Buffer.alloc((width * 3 + 1) * height);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const colour = paint(x / width, y / height);
      rows.set(
        colour.map((part) => Math.max(0, Math.min(255, Math.round(part)))),
        y * (width * 3 + 1) + 1 + x * 3,
      );
    }
  }
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  // 8 bits of red, green and blue.
  header.set([8, 2, 0, 0, 0], 8);
  return Buffer.concat([
    Buffer.from("89504e470d0a1a0a", "hex"),
    chunk("IHDR", header),
    chunk("IDAT", deflateSync(rows)),
    chunk("IEND", Buffer.alloc(0)),
  ]);
}

function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, "ascii"), data]);
  const ends = Buffer.alloc(8);
  ends.writeUInt32BE(data.length, 0);
  ends.writeUInt32BE(crc32(body), 4);
  return Buffer.concat([ends.subarray(0, 4), body, ends.subarray(4)]);
}

/** Always the same for the same numbers, from 0 to 1. */
function noise(a: number, b: number): number {
  const wave = Math.sin(a * 127.1 + b * 311.7) * 43_758.5453;
  return wave - Math.floor(wave);
}

function mix(a: Colour, b: Colour, share: number): Colour {
  const part = (index: 0 | 1 | 2) => a[index] + (b[index] - a[index]) * share;
  return [part(0), part(1), part(2)];
}

function comb(seed: number): Scene {
  const cells = 9 + (seed % 5);
  return (x, y) => {
    const row = Math.round(y * cells * 0.9);
    const column = Math.round(x * cells - (row % 2) / 2);
    const dx = x * cells - (row % 2) / 2 - column;
    const dy = (y * cells * 0.9 - row) / 0.9;
    const edge = Math.max(Math.abs(dx), Math.abs(dx) * 0.5 + Math.abs(dy) * 0.87) * 2;
    const isCapped = noise(row + seed, column) < 0.45;
    const inside: Colour = isCapped ? [222, 168, 74] : [104, 58, 14];
    const shine = noise(row, column + seed) * 34 - 30 * dy;
    const lit = mix(
      inside,
      [255, 226, 150],
      Math.max(0, 0.5 - Math.hypot(dx + 0.2, dy + 0.2)) * (isCapped ? 0.9 : 0.35),
    );
    return edge > 0.86 ? [236, 190, 102] : [lit[0] + shine, lit[1] + shine * 0.7, lit[2] + shine * 0.3];
  };
}

function meadow(seed: number): Scene {
  const horizon = 0.45 + noise(seed, 1) * 0.15;
  const sun = { x: 0.2 + noise(seed, 2) * 0.6, y: 0.15 + noise(seed, 3) * 0.15 };
  return (x, y) => {
    const hill = horizon + 0.06 * Math.sin(x * 5 + seed) + 0.03 * Math.sin(x * 13 + seed * 2);
    if (y < hill) {
      const sky = mix([118, 170, 214], [252, 224, 178], y / hill);
      return mix(sky, [255, 244, 214], Math.max(0, 1 - Math.hypot(x - sun.x, (y - sun.y) * 0.75) * 5));
    }
    const near = (y - hill) / (1 - hill);
    const grass = mix([126, 158, 92], [52, 92, 44], near);
    const flower = noise(Math.floor(x * 120), Math.floor(y * 90) + seed);
    if (flower > 1 - 0.05 * near) return flower > 0.985 ? [246, 214, 74] : [226, 128, 178];
    return mix(grass, [30, 60, 30], noise(Math.floor(x * 200), Math.floor(y * 60)) * 0.25);
  };
}
