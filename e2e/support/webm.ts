import { createCipheriv, createHash } from "node:crypto";
import { open } from "node:fs/promises";

// Films made on the machine: pictures encoded by the browser under test, and a file around them that is as large as it is to be.

const FRAMES_PER_SECOND = 4;
const WIDTH = 160;
const HEIGHT = 90;
/** The picture of each second shows its number as so many black and white bars. */
const BARS = 8;
/** All pictures are different up to here; then they begin anew. */
const DIFFERENT_SECONDS = 2 ** BARS;

/** To be evaluated in a secure page: the picture of each second as a VP8 key frame, in base64. */
export const ENCODE_PICTURES = `(async () => {
  const canvas = new OffscreenCanvas(${WIDTH}, ${HEIGHT});
  const context = canvas.getContext("2d");
  const frames = [];
  const encoder = new VideoEncoder({
    output(chunk) {
      const bytes = new Uint8Array(chunk.byteLength);
      chunk.copyTo(bytes);
      frames.push(bytes.toBase64());
    },
    error(error) { throw error; },
  });
  encoder.configure({ codec: "vp8", width: ${WIDTH}, height: ${HEIGHT}, bitrate: 400_000, latencyMode: "realtime" });
  for (let second = 0; second < ${DIFFERENT_SECONDS}; second++) {
    for (let bar = 0; bar < ${BARS}; bar++) {
      context.fillStyle = (second >> bar) & 1 ? "#fff" : "#000";
      context.fillRect(bar * ${WIDTH / BARS}, 0, ${WIDTH / BARS}, ${HEIGHT});
    }
    const frame = new VideoFrame(canvas, { timestamp: second * 1_000_000 });
    encoder.encode(frame, { keyFrame: true });
    frame.close();
  }
  await encoder.flush();
  return frames;
})()`;

/** To be evaluated in the page: the second whose picture is in the image or video that this expression gives. */
const secondIn = (image: string) => `(() => {
  const canvas = document.createElement("canvas");
  canvas.width = ${WIDTH};
  canvas.height = ${HEIGHT};
  const context = canvas.getContext("2d");
  context.drawImage(${image}, 0, 0, ${WIDTH}, ${HEIGHT});
  let second = 0;
  for (let bar = 0; bar < ${BARS}; bar++) {
    const [brightness] = context.getImageData((bar + 0.5) * ${WIDTH / BARS}, ${HEIGHT / 2}, 1, 1).data;
    if (brightness > 127) second += 1 << bar;
  }
  return second;
})()`;

/** To be evaluated in the page: the second whose picture the player shows; undefined when it shows none. */
export const SHOWN_SECOND = `(() => {
  const video = document.querySelector("[data-testid=player]");
  return video === null || video.readyState < 2 || video.seeking ? undefined : ${secondIn("video")};
})()`;

/** The same for the poster in a tile of the grid. */
export const POSTER_SECOND = secondIn('document.querySelector("[data-row] img")');

export interface FilmOptions {
  /** Of ENCODE_PICTURES. */
  pictures: readonly string[];
  seconds: number;
  /** About, for each second: its pictures and a filler that doesn't repeat. */
  bytesPerSecond: number;
  /** Where the index is; a player that finds none at the start has to look for it at the end. */
  indexAt?: "start" | "end";
  seed?: number;
}

/** Writes a WebM whose second s shows picture s; gives its SHA-256. */
export async function writeFilm(path: string, options: FilmOptions): Promise<string> {
  const { pictures, seconds, bytesPerSecond, indexAt = "start", seed = 1 } = options;
  const filler = createCipheriv("aes-128-ctr", Buffer.alloc(16, seed), Buffer.alloc(16));
  const clusterOf = (second: number) => {
    const picture = Buffer.from(pictures[second % pictures.length]!, "base64");
    const blocks = Array.from({ length: FRAMES_PER_SECOND }, (_, frame) => {
      const head = Buffer.from([0x81, 0, 0, 0x80]);
      head.writeInt16BE((frame * 1000) / FRAMES_PER_SECOND, 1);
      return element("a3", head, picture);
    });
    const content = [element("e7", uint(second * 1000)), ...blocks];
    const missing = bytesPerSecond - content.reduce((sum, { length }) => sum + length, 0);
    content.push(element("ec", filler.update(Buffer.alloc(Math.max(0, missing)))));
    return element("1f43b675", ...content);
  };
  // All lengths are known beforehand: each part is made once to measure it, the clusters one at a time.
  const clusterLengths = Array.from({ length: seconds }, (_, second) => {
    const picture = Buffer.from(pictures[second % pictures.length]!, "base64");
    const blocks = FRAMES_PER_SECOND * (1 + 8 + 4 + picture.length);
    const content = 1 + 8 + 8 + blocks;
    return 4 + 8 + content + 1 + 8 + Math.max(0, bytesPerSecond - content);
  });
  const info = element(
    "1549a966",
    element("2ad7b1", uint(1_000_000)),
    element("4489", float(seconds * 1000)),
    element("4d80", Buffer.from("panal")),
    element("5741", Buffer.from("panal")),
  );
  const video = element("e0", element("b0", uint(WIDTH)), element("ba", uint(HEIGHT)));
  const track = element(
    "ae",
    element("d7", uint(1)),
    element("73c5", uint(1)),
    element("83", uint(1)),
    element("86", Buffer.from("V_VP8")),
    video,
  );
  const tracks = element("1654ae6b", track);
  const seekHeadTo = (position: number) =>
    element(
      "114d9b74",
      element("4dbb", element("53ab", Buffer.from("1c53bb6b", "hex")), element("53ac", uint(position))),
    );
  const indexFrom = (firstCluster: number) => {
    let position = firstCluster;
    const points = clusterLengths.map((length, second) => {
      const where = element("b7", element("f7", uint(1)), element("f1", uint(position)));
      position += length;
      return element("bb", element("b3", uint(second * 1000)), where);
    });
    return element("1c53bb6b", ...points);
  };
  const fixed = seekHeadTo(0).length + info.length + tracks.length;
  const indexLength = indexFrom(0).length;
  const clustersLength = clusterLengths.reduce((sum, length) => sum + length, 0);
  const firstCluster = fixed + (indexAt === "start" ? indexLength : 0);
  const index = indexFrom(firstCluster);
  const seekHead = seekHeadTo(indexAt === "start" ? fixed : fixed + clustersLength);
  const ebml = element(
    "1a45dfa3",
    element("4286", uint(1)),
    element("42f7", uint(1)),
    element("42f2", uint(4)),
    element("42f3", uint(8)),
    element("4282", Buffer.from("webm")),
    element("4287", uint(2)),
    element("4285", uint(2)),
  );
  const segment = Buffer.concat([Buffer.from("18538067", "hex"), size(fixed + indexLength + clustersLength)]);

  const hash = createHash("sha256");
  const file = await open(path, "w");
  const write = async (part: Buffer) => {
    hash.update(part);
    await file.write(part);
  };
  try {
    for (const part of [ebml, segment, seekHead, info, tracks]) await write(part);
    if (indexAt === "start") await write(index);
    for (let second = 0; second < seconds; second++) {
      const cluster = clusterOf(second);
      if (cluster.length !== clusterLengths[second]) throw new Error(`second ${second} has another length`);
      await write(cluster);
    }
    if (indexAt === "end") await write(index);
  } finally {
    await file.close();
  }
  return hash.digest("hex");
}

/** An EBML element with a length of eight bytes. */
function element(id: string, ...content: Buffer[]): Buffer {
  const body = Buffer.concat(content);
  return Buffer.concat([Buffer.from(id, "hex"), size(body.length), body]);
}

function size(lengthBytes: number): Buffer {
  const buffer = uint(lengthBytes);
  buffer[0] = 0x01;
  return buffer;
}

function uint(value: number): Buffer {
  const buffer = Buffer.alloc(8);
  buffer.writeBigUInt64BE(BigInt(value));
  return buffer;
}

function float(value: number): Buffer {
  const buffer = Buffer.alloc(8);
  buffer.writeDoubleBE(value);
  return buffer;
}
