import { type PanalError, displayName, cut, fileIdLength } from "@panal/sdk";
import type { AnnounceState } from "../announce.ts";
import type { RelayState } from "../relay/relay-link.ts";
import type { PeerEvent } from "../start-peer.ts";
import type { LibraryStatus } from "../library/library.ts";
import { count, formatBytes, formatDuration } from "./format.ts";
import { createSpeedMeter, hashingLine } from "./share-progress.ts";

/** Without a terminal, how far the hashing is comes as a line this often. */
const PLAIN_LINE_MS = 10_000;
/** Files that aren't shared are named up to this many. */
const MAX_SKIPPED_SHOWN = 20;

/** Where a report goes. */
export interface ShareScreen {
  /** A line that stays. */
  line(text: string): void;
  /** Columns of the line that is drawn over; undefined without a terminal. */
  readonly columns: number | undefined;
  /** Draws the last line anew; empty takes it away. */
  redraw(text: string): void;
  /** Milliseconds. */
  now(): number;
}

/** Tells a person what a sharing peer does. */
export interface ShareReport {
  event(event: PeerEvent): void;
  /** To be called several times a second. */
  tick(status: LibraryStatus): void;
  line(text: string): void;
  end(): void;
}

export function createShareReport(screen: ShareScreen): ShareReport {
  const meter = createSpeedMeter();
  let drawn = "";
  let plainLineAt = screen.now() + PLAIN_LINE_MS;
  let wasIndexing = true;
  /** What was told of, so that only news are. */
  let skippedTold = "";
  let readyTold = "";

  function line(text: string): void {
    if (drawn !== "") screen.redraw("");
    screen.line(displayName(text));
    if (drawn !== "") screen.redraw(drawn);
  }

  function draw(text: string): void {
    if (text === drawn) return;
    drawn = text;
    screen.redraw(text);
  }

  function showHashing(hashing: NonNullable<LibraryStatus["hashing"]>): void {
    const bytesPerSecond = meter.add(hashing.bytesDone, screen.now());
    if (screen.columns !== undefined) {
      draw(cut(hashingLine(hashing, { bytesPerSecond, withBar: true }), screen.columns - 1));
    } else if (screen.now() >= plainLineAt) {
      plainLineAt = screen.now() + PLAIN_LINE_MS;
      line(`Hashing: ${hashingLine(hashing, { bytesPerSecond, withBar: false })}`);
    }
  }

  function rest(): void {
    draw("");
    plainLineAt = screen.now() + PLAIN_LINE_MS;
  }

  function tellSkipped(skipped: LibraryStatus["skipped"]): void {
    const all = [...skipped];
    const key = JSON.stringify(all.slice(0, MAX_SKIPPED_SHOWN)) + all.length;
    if (key === skippedTold) return;
    skippedTold = key;
    if (all.length === 0) return;
    line(`Not shared, ${all.length} in the folder:`);
    for (const [path, reason] of all.slice(0, MAX_SKIPPED_SHOWN)) line(`  ${path}: ${reason}`);
    if (all.length > MAX_SKIPPED_SHOWN) line(`  and ${all.length - MAX_SKIPPED_SHOWN} more`);
  }

  return {
    line,
    event: (event) => line(sentenceOf(event)),
    tick(status) {
      if (status.hashing !== undefined) showHashing(status.hashing);
      else rest();
      if (wasIndexing && !status.isIndexing) {
        const ready = `Ready: ${count(status.fileCount, "file")}, ${formatBytes(status.totalSize)}.`;
        if (ready !== readyTold) line(ready);
        readyTold = ready;
        tellSkipped(status.skipped);
      }
      wasIndexing = status.isIndexing;
    },
    end: () => draw(""),
  };
}

function sentenceOf(event: PeerEvent): string {
  switch (event.type) {
    case "tracker":
      return trackerSentence(event.state);
    case "relay":
      return relaySentence(event.state);
    case "watch":
      return event.state.type === "watching"
        ? "Changes in the folder are seen at once."
        : `The folder can't be watched (${event.state.error.message}): it is looked at every half minute.`;
    case "received":
      return `Received ${event.file.path} (${formatBytes(fileIdLength(event.file.fileId))}) from ${event.file.client}.`;
    case "index":
      return `${reasonOf(event.error)}. Some files will be hashed again at the next start.`;
    case "root":
      return event.state.type === "lost"
        ? `The folder can't be read any more (${event.state.error.message}): nothing is shared until it is back.`
        : "The folder is back.";
  }
}

/** What happens between a peer and its tracker, in words. */
export function trackerSentence(state: AnnounceState): string {
  switch (state.type) {
    case "registered":
      return `${state.isAgain ? "Registered again" : "Registered"} at the tracker as ${state.peerId}.`;
    case "away":
      return `${reasonOf(state.error)}. Sharing goes on; it is tried again.`;
    case "address-taken":
      return `${reasonOf(state.error)}. Tried again in ${formatDuration(state.retryMs / 1000)}.`;
    case "logged-out":
      return "Logged out at the tracker.";
  }
}

/** How clients reach a peer that they can't call. */
function relaySentence(state: RelayState): string {
  switch (state.type) {
    case "attached":
      return state.wasAsked
        ? `Clients can also reach this peer through the relay at ${state.relayUrl}.`
        : `The tracker can't call this peer (a firewall, or NAT): clients reach it through the relay at ${state.relayUrl}.`;
    case "detached":
      return state.isFinal
        ? "Another process answers at the relay as this peer; this one leaves it to that."
        : `No way to the relay (${state.error.message}): it is tried again.`;
    case "not-needed":
      return "The tracker can call this peer by now: the relay isn't needed any more.";
    case "no-relay":
      return "The tracker has no relay: only who can call this peer can fetch from it.";
  }
}

function reasonOf({ message }: PanalError): string {
  return message.charAt(0).toUpperCase() + message.slice(1);
}
