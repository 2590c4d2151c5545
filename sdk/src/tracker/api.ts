import { z } from "zod";
import { isFileId, type FileId } from "../content/file-id.ts";
import { MEDIA_KINDS } from "../content/media-kind.ts";
import { parseSharePath } from "../content/safe-path.ts";

// The tracker's REST contract, written once: the tracker's routes and the client both parse with these schemas.
// Sizes are bytes, times RFC 3339 (UTC). Lists are paged by cursor: no `nextCursor` means no more.

/** Largest list in one answer, and largest `limit` of a query. */
export const MAX_PAGE_SIZE = 200;
/** Entries in one PUT or PATCH of files; larger lists come in parts. */
export const MAX_FILES_PER_REQUEST = 50_000;
/** Of a search by relevance or peers, it names the files of the pages before: 2000 of them at most, in 2 to 4 characters each. */
const MAX_SEARCH_CURSOR_LENGTH = 12_288;
/** Addresses a peer may announce. */
export const MAX_ENDPOINTS = 16;

export const fileIdSchema = z
  .custom<FileId>((value) => typeof value === "string" && isFileId(value), {
    error: 'expected 64 hexadecimal digits, "-" and a length in bytes',
  })
  .meta({ type: "string", description: "Content id", example: `${"0".repeat(64)}-1048576` });

const sharePathSchema = z.string().superRefine((path, context) => {
  try {
    parseSharePath(path);
  } catch (error) {
    context.addIssue({ code: "custom", message: error instanceof Error ? error.message : "not a path" });
  }
});

const timeSchema = z.iso.datetime({ offset: true });
const peerIdSchema = z.string().regex(/^[A-Za-z0-9_-]{8,64}$/, "expected a peer id");
const portSchema = z.int().min(1).max(65535);
// One for all fields of a kind: a schema takes time to make, and every page makes all of them before it shows anything.
const textSchema = z.string();
const optionalTextSchema = textSchema.optional();
const countSchema = z.int().nonnegative();
const sizeSchema = z.number().nonnegative();
const kindSchema = z.enum(MEDIA_KINDS);

/** A base URL at which PeerService answers: http or https, no credentials, query or fragment. */
const endpointUrlSchema = z
  .string()
  .max(512)
  .regex(/^https?:\/\/[^/?#@\s\\]+(\/[^?#\s\\]*)?$/i, "expected an http or https base URL");

/** One line, at most 64 characters. */
const nameSchema = z
  .string()
  .trim()
  .min(1)
  .max(64)
  // oxlint-disable-next-line no-control-regex -- they are what is refused
  .regex(/^[^\u0000-\u001f\u007f]*$/, "expected one line without control characters");

/** Whether the tracker found a peer where it says it is. Clients elsewhere may find otherwise. Older trackers don't say. */
const reachFields = {
  reachable: z.enum(["yes", "no", "unknown"]).optional(),
  /** In words, such as "no connection: refused". */
  reachableReason: z.string().max(500).optional(),
  /** When that was found out; absent before the first time. */
  checkedAt: timeSchema.optional(),
};

export const endpointSchema = z.object({
  url: endpointUrlSchema,
  /** "direct" is the peer itself; the others go through the tracker. */
  route: z.enum(["direct", "gateway", "relay"]),
  ...reachFields,
});
export type Endpoint = z.infer<typeof endpointSchema>;

// --- a peer's own entry ---

export const registerRequestSchema = z
  .object({
    name: nameSchema,
    /** The peer answers at the address it registers from, at this port ... */
    port: portSchema.optional(),
    /** ... or at these base URLs. */
    urls: z.array(endpointUrlSchema).min(1).max(MAX_ENDPOINTS).optional(),
    /** It answers over the relay (RelayService.Attach), and needs no address for that. */
    relay: z.boolean().optional(),
    version: z.string().max(64).default(""),
    acceptsUploads: z.boolean().default(false),
    /** The nonce of a 409 answer, which the peer serves by now: proof that the address is its own. */
    nonce: z.string().max(128).optional(),
  })
  .refine((request) => request.port !== undefined || request.urls !== undefined || request.relay === true, {
    path: ["port"],
    error: "expected port or urls, or relay",
  });
export type RegisterRequest = z.input<typeof registerRequestSchema>;

export const registerResponseSchema = z.object({
  peerId: peerIdSchema,
  /** A secret: whoever has it can change this peer's entry. */
  lease: textSchema,
  /** To be served as plain text at `{url}/.well-known/panal`. */
  nonce: textSchema,
  heartbeatSeconds: z.number().positive(),
  expiresAt: timeSchema,
  /** Origins whose pages may read from the peer: its CORS list. */
  webOrigins: z.array(textSchema),
  /** Origin of the relay, for a peer that can't be called; absent when there is none. */
  relayUrl: optionalTextSchema,
});
export type RegisterResponse = z.infer<typeof registerResponseSchema>;

export const heartbeatResponseSchema = z.object({
  heartbeatSeconds: z.number().positive(),
  expiresAt: timeSchema,
  webOrigins: z.array(textSchema),
  /** Of the peer's file list as the tracker has it; 0 before the first PUT. */
  revision: countSchema,
  /** Whether the tracker found the peer where it says it is. */
  reachable: reachFields.reachable,
});
export type HeartbeatResponse = z.infer<typeof heartbeatResponseSchema>;

export const announcedFileSchema = z.object({
  path: sharePathSchema,
  fileId: fileIdSchema,
  mtime: timeSchema,
});
export type AnnouncedFile = z.infer<typeof announcedFileSchema>;

export const putFilesSchema = z.array(announcedFileSchema).max(MAX_FILES_PER_REQUEST);

export const patchFilesSchema = z.object({
  /** The revision the change starts from; another one there is answered with 409: send the whole list. */
  baseRevision: countSchema,
  revision: z.int().positive(),
  /** New or changed paths. */
  added: z.array(announcedFileSchema).max(MAX_FILES_PER_REQUEST).default([]),
  removed: z.array(sharePathSchema).max(MAX_FILES_PER_REQUEST).default([]),
});
export type PatchFiles = z.input<typeof patchFilesSchema>;

export const filesRevisionSchema = z.object({
  revision: countSchema,
  fileCount: countSchema,
});
export type FilesRevision = z.infer<typeof filesRevisionSchema>;

// --- what everybody may read ---

export const peerSchema = z.object({
  peerId: peerIdSchema,
  name: textSchema,
  version: textSchema,
  acceptsUploads: z.boolean(),
  endpoints: z.array(endpointSchema),
  fileCount: countSchema,
  /** Length of its files together; a file under two names counts twice. */
  totalSize: sizeSchema,
  registeredAt: timeSchema,
  lastSeenAt: timeSchema,
  ...reachFields,
});
export type Peer = z.infer<typeof peerSchema>;

export const peersPageSchema = z.object({
  peers: z.array(peerSchema),
  nextCursor: optionalTextSchema,
});
export type PeersPage = z.infer<typeof peersPageSchema>;

export const peerFilesPageSchema = z.object({
  files: z.array(z.object({ path: textSchema, fileId: fileIdSchema, size: z.number(), mtime: timeSchema })),
  nextCursor: optionalTextSchema,
});
export type PeerFilesPage = z.infer<typeof peerFilesPageSchema>;

/** One content, whatever it is called. */
export const fileRowSchema = z.object({
  fileId: fileIdSchema,
  size: sizeSchema,
  /** The path that matched best. */
  path: textSchema,
  /** Different base names it has, at most ten. */
  names: z.array(textSchema),
  kind: kindSchema,
  /** The newest one announced. */
  mtime: timeSchema,
  peerCount: z.int().positive(),
});
export type FileRow = z.infer<typeof fileRowSchema>;

export const FILE_SORTS = ["relevance", "name", "size", "-size", "mtime", "-mtime", "-peers"] as const;

const SEARCH_SYNTAX =
  'Words, in any order; each occurs in the path, case and accents aside (one or two letters: where a word starts). `"a phrase"` as it is,' +
  " `-word` not at all (beside something else), `ext:pdf`, `kind:video`, `size:>100M` (also >= < <= = and `10k..1MiB`)," +
  " `modified:>=2025-03-01` (a day, a month or a year, UTC; compared as sizes are, and `2024..2025-06`)," +
  ' `peer:"part of a name"`; a file id or a link that holds one. A filter twice means either, sizes and dates both.' +
  " A value that none of these can have is answered with 400; every other `a:b` is a word.";

export const filesQuerySchema = z.object({
  /** Words, all of which occur in the path, and what `SEARCH_SYNTAX` says; empty lists everything. */
  q: z.string().max(200).default("").describe(SEARCH_SYNTAX),
  /** Without the dot. */
  ext: z.string().max(32).optional(),
  kind: z.enum(MEDIA_KINDS).optional(),
  minSize: z.coerce.number<string | number>().int().nonnegative().optional(),
  maxSize: z.coerce.number<string | number>().int().nonnegative().optional(),
  peer: peerIdSchema.optional(),
  sort: z.enum(FILE_SORTS).default("relevance"),
  cursor: z.string().max(MAX_SEARCH_CURSOR_LENGTH).optional(),
  limit: z.coerce.number<string | number>().int().min(1).max(MAX_PAGE_SIZE).default(50),
});
export type FilesQuery = z.input<typeof filesQuerySchema>;

export const filesPageSchema = z.object({
  files: z.array(fileRowSchema),
  nextCursor: optionalTextSchema,
  /** On the first page: how many files of each kind match, whatever `kind` says. */
  kinds: z
    .object({
      video: countSchema,
      audio: countSchema,
      image: countSchema,
      document: countSchema,
      archive: countSchema,
      other: countSchema,
    })
    .optional(),
  /** More matches than are looked at: the counts are "at least". */
  isCapped: z.literal(true).optional(),
  /** Nothing matched; the files are those of these words instead. Other parts of the query hold. */
  didYouMean: optionalTextSchema,
});
export type FilesPage = z.infer<typeof filesPageSchema>;

/** Different addresses that reported a source; older reports count no more. */
export const reportCountsSchema = z.object({
  /** It sent bytes that aren't the file's. */
  corrupt: countSchema,
  /** It didn't answer. */
  unreachable: countSchema,
});
export type ReportCounts = z.infer<typeof reportCountsSchema>;

export const reportRequestSchema = z.object({
  peerId: peerIdSchema,
  /** It sent bytes that aren't the file's, or didn't answer. */
  reason: z.enum(["corrupt", "unreachable"]),
});
export type ReportRequest = z.infer<typeof reportRequestSchema>;

export const fileDetailsSchema = z.object({
  fileId: fileIdSchema,
  size: sizeSchema,
  kind: kindSchema,
  /** Different paths it has, with the number of peers that use each; the most used first, at most 100. */
  names: z.array(z.object({ path: textSchema, peerCount: z.int().positive() })),
  /** Alive at this moment; those most likely to answer with the right bytes first. At most 500. */
  peers: z.array(
    z.object({
      peerId: peerIdSchema,
      name: textSchema,
      endpoints: z.array(endpointSchema),
      path: textSchema,
      mtime: timeSchema,
      ...reachFields,
      /** What clients said of it and this file lately. Older trackers take no reports, and don't say. */
      reports: reportCountsSchema.optional(),
    }),
  ),
});
export type FileDetails = z.infer<typeof fileDetailsSchema>;

export const statsSchema = z.object({
  peers: countSchema,
  /** Different contents. */
  files: countSchema,
  /** Names of files over all peers. */
  entries: countSchema,
  /** Length of the different contents together. */
  totalSize: sizeSchema,
});
export type Stats = z.infer<typeof statsSchema>;

// --- what happens, as it does ---

/** Files named in one event; more than these, and it only says that there were changes. */
export const MAX_FILES_PER_EVENT = 100;

export const eventsQuerySchema = z.object({
  /** As in a search: of changes to files, only those that it would find, as far as the change itself tells. */
  q: z.string().max(200).optional(),
  /** Only what concerns the peers that have this file, or may have it. */
  fileId: fileIdSchema.optional(),
});
export type EventsQuery = z.input<typeof eventsQuerySchema>;

/** A server-sent event: its name is the `type`, its data the rest as JSON. */
export const trackerEventSchema = z.discriminatedUnion("type", [
  z.object({
    type: z.enum(["peer-joined", "peer-changed", "peer-left"]),
    peerId: peerIdSchema,
    name: textSchema,
  }),
  z.object({
    type: z.literal("files-changed"),
    peerId: peerIdSchema,
    name: textSchema,
    revision: countSchema,
    fileCount: countSchema,
    /** What came or changed, and the paths that went; both absent when the change was too large, or its parts aren't known. */
    added: z
      .array(z.object({ path: textSchema, fileId: fileIdSchema }))
      .max(MAX_FILES_PER_EVENT)
      .optional(),
    removed: z.array(textSchema).max(MAX_FILES_PER_EVENT).optional(),
  }),
  /** Some events were lost: look at everything anew. */
  z.object({ type: z.literal("resync") }),
]);
export type TrackerEvent = z.infer<typeof trackerEventSchema>;

/** RFC 9457. */
export const problemSchema = z.object({
  /** "urn:panal:problem:" and a kind, for programs to switch on. */
  type: z.string().default("about:blank"),
  title: textSchema,
  status: z.int(),
  detail: optionalTextSchema,
  /** The fields that were wrong, such as "files[3].fileId". */
  errors: z
    .array(
      z.object({
        field: textSchema,
        message: textSchema,
        /** What it had; long texts are cut, lists and objects left out. */
        value: z.union([textSchema, z.number(), z.boolean(), z.null()]).optional(),
      }),
    )
    .optional(),
  /** Of the request, as in its X-Request-Id. */
  requestId: optionalTextSchema,
  /** With 409 on register: serve this nonce and register again with it. */
  nonce: optionalTextSchema,
});
export type Problem = z.infer<typeof problemSchema>;

// --- short forms, for curl and exercises ---

export const shortRegisterRequestSchema = z.object({
  /** Must be the address the request comes from, unless that is the tracker's own machine. */
  ip: z.union([z.ipv4(), z.ipv6()]).optional(),
  port: portSchema,
  name: nameSchema.optional(),
  files: z
    .array(
      z.union([
        z.string().min(1).max(255),
        z.object({
          name: z.string().min(1).max(255),
          size: z.int().nonnegative().optional(),
          fileId: fileIdSchema.optional(),
        }),
      ]),
    )
    .max(MAX_FILES_PER_REQUEST)
    .default([]),
});

export const shortRegisterResponseSchema = z.object({
  peerId: peerIdSchema,
  lease: textSchema,
  nonce: textSchema,
  heartbeatSeconds: z.number().positive(),
  url: textSchema,
});

export const shortSearchResponseSchema = z.object({
  filename: textSchema,
  peers: z.array(
    z.object({
      peerId: peerIdSchema,
      name: textSchema,
      ip: textSchema,
      port: portSchema,
      url: textSchema,
      fileId: fileIdSchema.nullable(),
      size: z.number().nullable(),
    }),
  ),
});

export const shortLogoutRequestSchema = z.object({ lease: z.string().min(1).max(256) });
