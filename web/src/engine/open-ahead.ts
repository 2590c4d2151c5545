/** Of small files, each of which is mostly waiting for an answer, so many are asked for before their turn. */
export const MAX_FILES_AHEAD = 4;
/** What files may hold in memory before their turn, all together: as much as a download fetches ahead of its reader. */
export const MAX_BYTES_AHEAD = 32 * 1024 * 1024;

interface Ahead<Part> {
  readonly iterator: AsyncIterator<Part>;
  readonly first: Promise<IteratorResult<Part>>;
}

/**
 * For files that are read one after the other: when one's turn comes, the next ones are opened, and their first part
 * asked for. Of a large one no more is fetched than its reader would have fetched ahead anyhow. Gives one for each file,
 * in their order; who opens them ends them, too.
 */
export function openAhead<File extends { readonly lengthBytes: number }, Part>(
  files: readonly File[],
  open: (file: File) => AsyncIterable<Part>,
): AsyncIterable<Part>[] {
  const opened = new Map<number, Ahead<Part>>();

  function begin(index: number): Ahead<Part> {
    const known = opened.get(index);
    if (known !== undefined) return known;
    const iterator = open(files[index]!)[Symbol.asyncIterator]();
    const first = iterator.next();
    // What goes wrong is told when its turn comes.
    first.catch(() => {});
    const ahead = { iterator, first };
    opened.set(index, ahead);
    return ahead;
  }

  function beginNext(after: number): void {
    let bytes = 0;
    for (let index = after + 1; index < files.length && index <= after + MAX_FILES_AHEAD; index++) {
      bytes += Math.min(files[index]!.lengthBytes, MAX_BYTES_AHEAD);
      if (bytes > MAX_BYTES_AHEAD) return;
      begin(index);
    }
  }

  async function* read(index: number): AsyncGenerator<Part> {
    const { iterator, first } = begin(index);
    opened.delete(index);
    beginNext(index);
    try {
      for (let step = await first; step.done !== true; step = await iterator.next()) yield step.value;
    } finally {
      await iterator.return?.();
    }
  }

  return files.map((_, index) => read(index));
}
