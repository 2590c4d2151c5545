import { expect, test } from "vitest";
import { parseFileId } from "../content/file-id.ts";
import { describeSource } from "../transfer/testing/source-suite.ts";
import { createBrowserPeerSource } from "./peer.ts";

// The server of these pages is a peer with the suite's files (scripts/browser-test-server.ts).
describeSource("createBrowserPeerSource()", async () => ({
  source: createBrowserPeerSource({
    id: "test",
    name: "test server",
    endpoints: [{ url: location.origin, route: "direct" }],
  }),
  close: async () => {},
}));

test("createBrowserPeerSource() says unreachable when nobody answers", async () => {
  // Port 1 is on every browser's list of forbidden ports: no connection is tried.
  const source = createBrowserPeerSource({
    id: "nobody",
    name: "nobody",
    endpoints: [{ url: "http://127.0.0.1:1", route: "direct" }],
  });
  const { signal } = new AbortController();
  const fileId = parseFileId(`${"00".repeat(32)}-1`);
  await expect(source.manifest(fileId, { signal })).rejects.toMatchObject({ code: "unreachable" });
});
