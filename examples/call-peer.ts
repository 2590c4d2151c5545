// node call-peer.ts <peer> [folder]: lists a folder of a peer and reads the first file in it, with nothing but the
// generated client and a stock Connect transport. Any gRPC or gRPC-Web client can do the same.
import { createClient } from "@connectrpc/connect";
import { createConnectTransport } from "@connectrpc/connect-node";
import { PeerService } from "@panal/sdk/proto";

const [baseUrl = "http://localhost:7071", folder = ""] = process.argv.slice(2);
const transport = createConnectTransport({ baseUrl, httpVersion: "1.1", acceptCompression: [] });
const peer = createClient(PeerService, transport);

const { name, fileCount } = await peer.getPeer({});
console.log(`${JSON.stringify(name)} shares ${fileCount} files`);

let first: { fileId: string; name: string } | undefined;
for (let pageToken = ""; ;) {
  const page = await peer.listFiles({ folder, pageToken });
  for (const { name, kind } of page.entries) {
    console.log(`  ${JSON.stringify(name)}${kind.case === "folder" ? "/" : ""}`);
    if (kind.case === "file") first ??= { fileId: kind.value.fileId, name };
  }
  pageToken = page.nextPageToken;
  if (pageToken === "") break;
}

if (first !== undefined) {
  let length = 0;
  for await (const { data } of peer.downloadFile({ fileId: first.fileId })) length += data.length;
  // A stream that ends without an error is complete; `download` of @panal/sdk also checks what came.
  console.log(`read ${length} bytes of ${JSON.stringify(first.name)}`);
}
