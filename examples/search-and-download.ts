// node search-and-download.ts <words> [tracker]: finds a file by words of its name and saves the best match here.
import { createTrackerClient, download, followFileSources, safeFileName, trackerEvents } from "@panal/sdk";
import { createFileStore, createNodePeerSource, nodeHashBlocks } from "@panal/sdk/node";

const [words = "", url = "http://localhost:7070"] = process.argv.slice(2);
const tracker = createTrackerClient({ url });
const { files, didYouMean } = await tracker.searchFiles({ q: words, limit: 1 });
const [file] = files;
// A guess at what was meant may be another file.
if (file === undefined || didYouMean !== undefined) {
  throw new Error(`nobody has a file that matches ${JSON.stringify(words)}`);
}

// All peers that have it, whoever comes and goes meanwhile.
const following = new AbortController();
const sources = await followFileSources({
  fileId: file.fileId,
  tracker,
  createSource: createNodePeerSource,
  events: trackerEvents,
  signal: following.signal,
});
// Never save under a name as it came: it is somebody else's.
const path = safeFileName(file.path);
const result = await download({
  fileId: file.fileId,
  sources,
  store: createFileStore({ path }),
  hashBlocks: nodeHashBlocks,
  onEvent(event) {
    if (event.type === "source-dropped") console.error(`${event.name}: ${event.reason}`);
  },
});
following.abort();

console.log(`${path}: ${result.length} bytes, every piece verified`);
for (const { name, verifiedBytes } of result.sources) console.log(`  ${verifiedBytes} from ${name}`);
