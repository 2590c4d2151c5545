/** A line of subtitles. Times in seconds from the beginning. */
export interface Cue {
  readonly start: number;
  readonly end: number;
  /** WebVTT cue text: nothing but <b>, <i> and <u> is markup in it. */
  readonly text: string;
}

/** Subtitles of a very long film; what comes after isn't read. */
const MAX_CUES = 20_000;
const MAX_CUE_CHARS = 1_000;
const TIMES =
  /^\s{0,20}(?:(\d{1,3}):)?(\d{1,2}):(\d{2})[.,](\d{1,3})\s{1,20}-->\s{1,20}(?:(\d{1,3}):)?(\d{1,2}):(\d{2})[.,](\d{1,3})(?:\s|$)/;

/** From a peer, so anything: SubRip or WebVTT as far as it is that, in the order of time. */
export function parseSubtitles(bytes: Uint8Array): Cue[] {
  const cues: Cue[] = [];
  const lines = decode(bytes).split(/\r\n|\r|\n/);
  for (let at = 0; at < lines.length && cues.length < MAX_CUES; at++) {
    const times = parseTimes(lines[at]!);
    if (times === undefined) continue;
    const text: string[] = [];
    while (at + 1 < lines.length && lines[at + 1]!.trim() !== "") text.push(lines[++at]!);
    const cueText = toCueText(text.join("\n").slice(0, MAX_CUE_CHARS));
    if (times.end > times.start && cueText !== "") cues.push({ ...times, text: cueText });
  }
  return cues.sort((a, b) => a.start - b.start);
}

function parseTimes(line: string): { start: number; end: number } | undefined {
  const match = TIMES.exec(line);
  if (match === null) return undefined;
  const [, ...parts] = match;
  const seconds = (at: number) =>
    Number(parts[at] ?? 0) * 3600 +
    Number(parts[at + 1]) * 60 +
    Number(parts[at + 2]) +
    Number(parts[at + 3]!.padEnd(3, "0")) / 1000;
  return { start: seconds(0), end: seconds(4) };
}

/** Everything is text; only then the three harmless tags that subtitles use become tags again. */
function toCueText(raw: string): string {
  return (
    raw
      // Positions, as other programs write them: {\an8}
      .replace(/\{\\[^{}]{0,80}\}/g, "")
      .replaceAll("&", "&amp;")
      .replaceAll("<", "&lt;")
      .replaceAll(">", "&gt;")
      .replace(/&lt;(\/?)([biu])&gt;/gi, (_, slash: string, tag: string) => `<${slash}${tag.toLowerCase()}>`)
      // Other tags say nothing without what they mean: fonts, voices, classes.
      .replace(/&lt;\/?[a-z][^&\n]{0,200}&gt;/gi, "")
      .trim()
  );
}

/** UTF-8, or what old subtitle files are in where it isn't. */
function decode(bytes: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    const [first, second] = bytes;
    if (first === 0xff && second === 0xfe) return new TextDecoder("utf-16le").decode(bytes);
    if (first === 0xfe && second === 0xff) return new TextDecoder("utf-16be").decode(bytes);
    return new TextDecoder("windows-1252").decode(bytes);
  }
}
