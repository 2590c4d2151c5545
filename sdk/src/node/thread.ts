// The door for threads: what they need to read folders and to hash, and nothing else. With all of the SDK, a thread takes
// five times as long to start.
export { HASH_LENGTH, pieceLengthFor } from "../content/blocks.ts";
export { pieceHash } from "../content/merkle.ts";
export { parseSharePath } from "../content/safe-path.ts";
export { PanalError } from "../errors.ts";
export { nodeHashBlocks } from "./hasher.ts";
export { isPartialDownload } from "./part-names.ts";
