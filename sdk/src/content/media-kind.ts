import { extensionOf } from "./safe-path.ts";

/** What people filter by. */
export const MEDIA_KINDS = ["video", "audio", "image", "document", "archive", "other"] as const;
export type MediaKind = (typeof MEDIA_KINDS)[number];

interface MediaType {
  readonly kind: MediaKind;
  /** For Content-Type. */
  readonly mime: string;
  /** Whether a browser may show it in place: nothing that can carry a script (so no SVG, no HTML). */
  readonly inline: boolean;
}

const UNKNOWN: MediaType = { kind: "other", mime: "application/octet-stream", inline: false };

function shown(kind: MediaKind, mime: string): MediaType {
  return { kind, mime, inline: true };
}
function saved(kind: MediaKind, mime = "application/octet-stream"): MediaType {
  return { kind, mime, inline: false };
}

const TEXT = shown("document", "text/plain; charset=utf-8");

const BY_EXTENSION: ReadonlyMap<string, MediaType> = new Map(
  Object.entries({
    mp4: shown("video", "video/mp4"),
    m4v: shown("video", "video/mp4"),
    webm: shown("video", "video/webm"),
    ogv: shown("video", "video/ogg"),
    mov: shown("video", "video/quicktime"),
    mkv: shown("video", "video/x-matroska"),
    avi: saved("video", "video/x-msvideo"),
    mp3: shown("audio", "audio/mpeg"),
    m4a: shown("audio", "audio/mp4"),
    aac: shown("audio", "audio/aac"),
    ogg: shown("audio", "audio/ogg"),
    oga: shown("audio", "audio/ogg"),
    opus: shown("audio", "audio/ogg"),
    flac: shown("audio", "audio/flac"),
    wav: shown("audio", "audio/wav"),
    png: shown("image", "image/png"),
    jpg: shown("image", "image/jpeg"),
    jpeg: shown("image", "image/jpeg"),
    gif: shown("image", "image/gif"),
    webp: shown("image", "image/webp"),
    avif: shown("image", "image/avif"),
    bmp: shown("image", "image/bmp"),
    svg: saved("image"),
    heic: saved("image", "image/heic"),
    tif: saved("image", "image/tiff"),
    tiff: saved("image", "image/tiff"),
    pdf: shown("document", "application/pdf"),
    txt: TEXT,
    md: TEXT,
    log: TEXT,
    csv: TEXT,
    vtt: saved("document", "text/vtt; charset=utf-8"),
    srt: saved("document", "application/x-subrip"),
    doc: saved("document"),
    docx: saved("document"),
    odt: saved("document"),
    ods: saved("document"),
    xls: saved("document"),
    xlsx: saved("document"),
    ppt: saved("document"),
    pptx: saved("document"),
    epub: saved("document", "application/epub+zip"),
    html: saved("document"),
    htm: saved("document"),
    json: saved("document", "application/json"),
    zip: saved("archive", "application/zip"),
    gz: saved("archive", "application/gzip"),
    tgz: saved("archive", "application/gzip"),
    bz2: saved("archive"),
    xz: saved("archive"),
    zst: saved("archive"),
    tar: saved("archive", "application/x-tar"),
    "7z": saved("archive"),
    rar: saved("archive"),
    iso: saved("archive"),
  } satisfies Record<string, MediaType>),
);

/** By the extension of a name or path; what is unknown is bytes to be saved. */
export function mediaTypeOf(path: string): MediaType {
  return BY_EXTENSION.get(extensionOf(path)) ?? UNKNOWN;
}

/** Those that make a file of this kind; of "other", whatever is left, none. */
export function extensionsOf(kind: MediaKind): string[] {
  return [...BY_EXTENSION].filter(([, type]) => type.kind === kind).map(([extension]) => extension);
}
