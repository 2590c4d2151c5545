import { Command } from "commander";
import { formatTable } from "@panal/sdk";
import { count, formatBytes } from "./format.ts";
import { allPeers } from "./find-peer.ts";
import { jsonOption, printJson, trackerAt, trackerOption } from "./options.ts";
import { terminalWidth } from "./terminal-size.ts";

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
      const rows = peers.map(({ name, peerId, fileCount, totalSize, endpoints }) => [
        name,
        count(fileCount, "file"),
        formatBytes(totalSize),
        peerId,
        endpoints.map(({ url }) => url).join(" "),
      ]);
      console.log(
        formatTable(
          [
            { title: "peer" },
            { title: "files", align: "right" },
            { title: "size", align: "right" },
            { title: "id" },
            { title: "addresses", isFlexible: true },
          ],
          rows,
          terminalWidth(),
        ),
      );
    });
}
