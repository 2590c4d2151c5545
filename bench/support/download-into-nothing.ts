import { type FileId, PieceSet, download, isFileId } from "@panal/sdk";
import { createHashThreads, createNodePeerSource } from "@panal/sdk/node";

// `node download-into-nothing.ts FILE_ID URL`: what `peer-node download --peer URL` does, without a disk.

const [fileId = "", url = ""] = process.argv.slice(2);
if (!isFileId(fileId)) throw new Error("expected a file id and a peer's URL");
const threads = createHashThreads();
try {
  await download({
    fileId: fileId satisfies FileId,
    sources: [createNodePeerSource({ id: url, name: url, endpoints: [{ url, route: "direct" }] })],
    store: {
      open: async ({ pieceCount }) => new PieceSet(pieceCount),
      async write() {},
      async complete() {},
      async close() {},
    },
    hashBlocks: threads.hashBlocks,
    allocate: threads.allocate,
  });
} finally {
  await threads.close();
}
