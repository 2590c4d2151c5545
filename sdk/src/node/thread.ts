// The door for threads: what they need to read folders, to hash, and to keep an index, and nothing else. With all of the
// SDK, a thread takes five times as long to start.
export { HASH_LENGTH, pieceLengthFor } from "../content/blocks.ts";
export { fileIdLength, isFileId } from "../content/file-id.ts";
export { MEDIA_KINDS, extensionsOf, mediaTypeOf } from "../content/media-kind.ts";
export { pieceHash } from "../content/merkle.ts";
export { baseName, extensionOf, parseSharePath } from "../content/safe-path.ts";
export { PanalError } from "../errors.ts";
export { createGate } from "../transfer/gate.ts";
export { nodeHashBlocks } from "./hasher.ts";
export { isPartialDownload } from "./part-names.ts";
