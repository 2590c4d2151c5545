import { FILE_SORTS, MAX_PAGE_SIZE, MEDIA_KINDS, PanalError, formatTable } from "@panal/sdk";
import { Command, InvalidArgumentError, Option } from "commander";
import { count, formatBytes } from "./format.ts";
import { jsonOption, printJson, trackerAt, trackerOption } from "./options.ts";
import { terminalWidth } from "./terminal-size.ts";

interface SearchOptions {
  tracker: string;
  json?: boolean;
  limit: number;
  kind?: (typeof MEDIA_KINDS)[number];
  ext?: string;
  sort?: (typeof FILE_SORTS)[number];
}

/** `peer-node search <words>` */
export function searchCommand(): Command {
  return new Command("search")
    .description(
      'find files on the tracker: every word occurs somewhere in the path; also "a phrase", -word (after --), ext:pdf, kind:video, size:>100M, peer:name',
    )
    .argument("<words...>")
    .addOption(trackerOption())
    .addOption(jsonOption())
    .addOption(new Option("--kind <kind>", "only files of this kind").choices(MEDIA_KINDS))
    .option("--ext <extension>", "only names that end so, such as mp3")
    .addOption(new Option("--sort <order>").choices(FILE_SORTS))
    .option("--limit <number>", `at most this many, 1 to ${MAX_PAGE_SIZE}`, parseLimit, 50)
    .action(async (words: string[], options: SearchOptions) => {
      const { kind, ext, sort, limit } = options;
      const page = await trackerAt(options.tracker).searchFiles({
        q: words.join(" "),
        limit,
        ...(kind && { kind }),
        ...(ext && { ext }),
        ...(sort && { sort }),
      });
      if (options.json) printJson(page);
      if (page.files.length === 0) {
        throw new PanalError(
          "not-found",
          `no live peer has a file that matches ${JSON.stringify(words.join(" "))}`,
        );
      }
      if (options.json) return;
      if (page.didYouMean !== undefined) {
        console.error(
          `Nothing matches ${JSON.stringify(words.join(" "))}; these match ${JSON.stringify(page.didYouMean)}:`,
        );
      }
      const rows = page.files.map(({ path, size, peerCount, fileId }) => [
        path,
        formatBytes(size),
        String(peerCount),
        fileId,
      ]);
      const width = terminalWidth();
      const columns = [
        { title: "file", isFlexible: true },
        { title: "size", align: "right" },
        { title: "peers", align: "right" },
        { title: "file id" },
      ] as const;
      // The id is for copying: whole or not at all.
      const shown = width > 0 && width < 140 ? columns.slice(0, 3) : columns;
      console.log(formatTable(shown, rows, width));
      if (page.nextCursor !== undefined) {
        console.error(`There are more than ${count(page.files.length, "file")}: add a word, or --limit.`);
      }
    });
}

function parseLimit(text: string): number {
  const limit = Number(text);
  if (Number.isInteger(limit) && limit >= 1 && limit <= MAX_PAGE_SIZE) return limit;
  throw new InvalidArgumentError(`expected a whole number from 1 to ${MAX_PAGE_SIZE}`);
}
