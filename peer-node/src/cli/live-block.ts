import { cut } from "@panal/sdk";

/** Where a report of something that runs is drawn. */
export interface ReportScreen {
  /** Of the terminal at this moment; undefined when nobody looks: then lines are only added. */
  readonly size: (() => { columns: number; rows: number }) | undefined;
  write(text: string): void;
}

/** Lines that are drawn anew in their place, with what happened above them. */
export interface LiveBlock {
  draw(lines: readonly string[]): void;
  /** A sentence that stays. */
  say(sentence: string): void;
  /** Nothing more is drawn over. */
  end(): void;
}

export function createLiveBlock(screen: ReportScreen): LiveBlock {
  let drawnLines = 0;
  let block: readonly string[] = [];

  function clear(): void {
    // To the beginning of the block's first line (a "^C" has moved us along), and away with everything from there.
    if (drawnLines > 0) screen.write(`\r\u001b[${drawnLines}A\u001b[J`);
    drawnLines = 0;
  }
  function redraw(): void {
    if (screen.size === undefined) return;
    const { columns, rows } = screen.size();
    // What has left the screen at the top can't be drawn over.
    const shown = block.length < rows ? block : [...block.slice(0, Math.max(2, rows - 2)), "  ..."];
    for (const line of shown) screen.write(`${cut(line, columns - 1)}\n`);
    drawnLines = shown.length;
  }

  return {
    draw(lines) {
      block = lines;
      clear();
      redraw();
    },
    say(sentence) {
      clear();
      screen.write(`${sentence}\n`);
      redraw();
    },
    end() {
      block = [];
      clear();
    },
  };
}
