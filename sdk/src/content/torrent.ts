import { type Bencodable, bencode } from "./bencode.ts";
import type { Manifest } from "./manifest.ts";
import { safeFileName } from "./safe-path.ts";

/** What a torrent's info says of a file; any power of two from 16 KiB will do as the piece length. */
type TorrentFile = Pick<Manifest, "length" | "pieceLength" | "piecesRoot" | "pieceLayer">;

/**
 * The info dictionary of a BitTorrent v2 torrent of one file (BEP 52), byte for byte what libtorrent makes: its
 * SHA-256 is the torrent's id, so that everybody's torrent of the same file under the same name is the same.
 */
export function torrentInfo(file: TorrentFile, name: string): Uint8Array<ArrayBuffer> {
  return bencode(infoOf(file, name));
}

/**
 * A .torrent of a file, with web seeds (BEP 19) and the piece layers, without which a client can't check anything it
 * gets from them. `webSeeds`: each ends in "/", and `{url}{name}` is the file.
 */
export function torrentOf(
  manifest: Manifest,
  options: { name: string; webSeeds: readonly string[] },
): { name: string; bytes: Uint8Array<ArrayBuffer> } {
  const name = safeFileName(options.name);
  const layers = new Map<Uint8Array, Bencodable>();
  if (manifest.pieceCount > 1) layers.set(manifest.piecesRoot, manifest.pieceLayer);
  const bytes = bencode(
    new Map<string, Bencodable>([
      ["created by", "Panal"],
      ["info", infoOf(manifest, name)],
      ["piece layers", layers],
      ["url-list", options.webSeeds],
    ]),
  );
  return { name, bytes };
}

function infoOf({ length, pieceLength, piecesRoot }: TorrentFile, name: string): Bencodable {
  const file = new Map<string, Bencodable>([["length", length]]);
  // An empty file has no tree.
  if (length > 0) file.set("pieces root", piecesRoot);
  return new Map<string, Bencodable>([
    ["file tree", new Map([[name, new Map([["", file]])]])],
    ["meta version", 2],
    ["name", name],
    ["piece length", pieceLength],
  ]);
}
