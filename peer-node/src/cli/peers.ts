import { Command } from "commander";
import { displayName, formatTable } from "@panal/sdk";
import { count, formatBytes } from "./format.ts";
import { allPeers } from "./find-peer.ts";
import { jsonOption, printJson, trackerAt, trackerOption } from "./options.ts";
import { terminalWidth } from "./terminal-size.ts";

/** Peers whose trouble is told below the table; `--json` has all. */
const MAX_REASONS = 10;

/** `peer-node peers` */
export function peersCommand(): Command {
  return new Command("peers")
    .description("list the peers that are alive")
    .addOption(trackerOption())
    .addOption(jsonOption())
    .action(async (options: { tracker: string; json?: boolean }) => {
      const peers = await allPeers(trackerAt(options.tracker));
      if (options.json) return printJson({ peers });
      if (peers.length === 0) {
        console.error("No peer is alive. Share a folder with: peer-node share <folder>");
        return;
      }
      const rows = peers.map(({ name, peerId, fileCount, totalSize, reachable, endpoints }) => [
        name,
        count(fileCount, "file"),
        formatBytes(totalSize),
        reachable ?? "unknown",
        peerId,
        endpoints.map(({ url }) => url).join(" "),
      ]);
      console.log(
        formatTable(
          [
            { title: "peer" },
            { title: "files", align: "right" },
            { title: "size", align: "right" },
            { title: "reachable" },
            { title: "id" },
            { title: "addresses", isFlexible: true },
          ],
          rows,
          terminalWidth(),
        ),
      );
      const away = peers.filter(({ reachable }) => reachable === "no");
      for (const { name, reachableReason = "" } of away.slice(0, MAX_REASONS)) {
        console.error(`The tracker can't reach ${displayName(name)}: ${displayName(reachableReason)}`);
      }
    });
}
