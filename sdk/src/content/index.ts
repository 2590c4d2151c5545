export * from "./blocks.ts";
export * from "./byte-range.ts";
export * from "./content-disposition.ts";
export * from "./file-id.ts";
export * from "./link.ts";
export * from "./manifest.ts";
export * from "./manifest-codec.ts";
export * from "./manifest-of-pieces.ts";
export * from "./media-kind.ts";
export {
  equalBytes,
  type HashBlocks,
  hashBlocksPortably,
  merkleRoot,
  pieceHash,
  rootOfPieceLayer,
  zeroSubtree,
} from "./merkle.ts";
export * from "./piece-set.ts";
export * from "./safe-path.ts";
export * from "./text-table.ts";
export * from "./torrent.ts";
