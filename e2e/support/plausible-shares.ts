import { copyFile, mkdir, open, utimes, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { ROOT } from "../../scripts/run-command.ts";
import { drawPicture } from "./drawn-picture.ts";

const DAY_MS = 86_400_000;
const KB = 1000;
const MB = 1000 * KB;

/** Who shares what on a network of people who film, record and plant: path, length or one of the examples, age in days. */
const SHARES = {
  "Ana's laptop": [
    ["Films/Bees/The Bees of Winter (2024).mp4", 734 * MB, 3],
    ["Films/Bees/The Bees of Winter (2024).en.srt", 84 * KB, 3],
    ["Films/Orchard in Bloom.webm", 212 * MB, 40],
    ["Music/Coro de la Sierra/01 Alborada.flac", 31 * MB, 210],
    ["Music/Coro de la Sierra/02 La colmena.flac", 28 * MB, 210],
    ["Music/Coro de la Sierra/03 Jota del monte.flac", 35 * MB, 210],
    ["Pictures/2026 Spring/Hive 1, frame 4.png", 4.2 * MB, 12],
    ["Pictures/2026 Spring/Hive 1, frame 5.png", 3.9 * MB, 12],
    ["Pictures/2026 Spring/Brood and honey.png", 5.1 * MB, 11],
    ["Papers/Varroa treatment 2026.pdf", 1.4 * MB, 0.1],
    ["Papers/Honey yields 2019-2025.ods", 86 * KB, 25],
    ["Backups/phone-2026-03.zip", 640 * MB, 95],
    ["Films/A comb fills with honey.webm", "videos/a comb fills with honey.webm", 300],
    ["Papers/How Panal works.pdf", "documents/how panal works.pdf", 310],
    ["Papers/Honey recipes.md", "documents/honey recipes.md", 320],
  ],
  "Workshop NAS": [
    ["media/films/bees-of-winter.mp4", 734 * MB, 30],
    ["media/films/Pollen (director's cut).mkv", 1_460 * MB, 400],
    ["media/music/La colmena.flac", 28 * MB, 190],
    ["media/podcast/beekeeping-today-117.mp3", 61 * MB, 6],
    ["media/podcast/beekeeping-today-118.mp3", 58 * MB, 1],
    ["plans/Langstroth hive, cut list.pdf", 2.3 * MB, 700],
    ["plans/Top-bar hive.pdf", 3.1 * MB, 710],
    ["plans/extractor-gear.stl", 940 * KB, 60],
    ["images/raspberrypi-hive-scale.img.xz", 412 * MB, 18],
    ["images/debian-13-netinst.iso", 670 * MB, 130],
    ["photos/Apiary at dawn.png", 2.8 * MB, 0.4],
  ],
  "Bea (school)": [
    ["Class 4B/Bees of winter.mp4", 734 * MB, 2],
    ["Class 4B/Worksheet: who lives in a hive.pdf", 310 * KB, 2],
    ["Class 4B/Bee dance.gif", 1.8 * MB, 8],
    ["Class 4B/Canción de la abeja.mp3", 4.4 * MB, 33],
    ["Class 4B/Pollinators of our garden.pptx", 18 * MB, 5],
    ["Field trip/Meadow panorama.png", 22 * MB, 15],
    ["Field trip/List of flowers.txt", 2 * KB, 15],
    ["Field trip/Recording at the hive.wav", 96 * MB, 15],
  ],
} satisfies Record<string, readonly (readonly [path: string, content: number | string, ageDays: number])[]>;

export const PLAUSIBLE_PEERS = Object.keys(SHARES) as (keyof typeof SHARES)[];

/** A folder as somebody might share it: real pictures, some examples, and files of nothing, which take no room on most disks. */
export async function writePlausibleShare(
  folder: string,
  peer: keyof typeof SHARES,
  nowMs: number,
): Promise<void> {
  for (const [path, content, ageDays] of SHARES[peer]) {
    const target = join(folder, path);
    await mkdir(dirname(target), { recursive: true });
    if (path.endsWith(".png")) await writeFile(target, pictureOf(path));
    else if (typeof content === "string") await copyFile(join(ROOT, "examples", "shared", content), target);
    else await writeNothing(target, Math.round(content));
    const changed = new Date(nowMs - ageDays * DAY_MS);
    await utimes(target, changed, changed);
  }
}

async function writeNothing(target: string, lengthBytes: number): Promise<void> {
  const file = await open(target, "w");
  await file.truncate(lengthBytes);
  await file.close();
}

function pictureOf(path: string): Buffer {
  const isOfHive = /hive|brood/i.test(path);
  return drawPicture(isOfHive ? "comb" : "meadow", {
    width: 720,
    height: 540,
    seed: path.length + path.charCodeAt(path.length - 5),
  });
}
