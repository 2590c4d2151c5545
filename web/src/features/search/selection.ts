import type { FileId } from "@panal/sdk/content";
import type { FileRow } from "@panal/sdk/tracker";
import { MAX_BATCH_FILES } from "../../engine/engine-api.ts";

export interface SelectionState {
  /** Somebody picks files now: a click on a row selects it. */
  readonly isOn: boolean;
  /** In the order in which they were selected. They stay when the list changes, or the search. */
  readonly files: ReadonlyMap<FileId, FileRow>;
  /** Nobody has these any more, as far as the lists told: selected or not. */
  readonly gone: ReadonlySet<FileId>;
}

/** The files somebody has picked from the results, MAX_BATCH_FILES at most. */
export interface Selection {
  subscribe(listener: () => void): () => void;
  state(): SelectionState;
  begin(): void;
  toggle(file: FileRow): void;
  /** Everything from the one that was toggled last to this one, in the order of the list; a range before it is given up. */
  extendTo(file: FileRow, rows: readonly FileRow[]): void;
  add(rows: readonly FileRow[]): void;
  /** What a list shows now: `gone` of its rows nobody has any more, the others somebody has. */
  see(list: { readonly rows: readonly FileRow[]; readonly gone: ReadonlySet<FileId> }): void;
  /** Gives all up. */
  end(): void;
}

const NOTHING: SelectionState = { isOn: false, files: new Map(), gone: new Set() };

export function createSelection(): Selection {
  let state = NOTHING;
  const listeners = new Set<() => void>();
  /** Where ranges begin, and what was selected besides them. */
  let anchor: { fileId: FileId; files: SelectionState["files"] } | undefined;

  function set(next: SelectionState): void {
    state = next;
    for (const listener of listeners) listener();
  }

  function put(before: SelectionState["files"], added: readonly FileRow[]): void {
    const files = new Map(before);
    for (const file of added) if (files.size < MAX_BATCH_FILES) files.set(file.fileId, file);
    set({ ...state, isOn: true, files });
  }

  function toggle(file: FileRow): void {
    const { fileId } = file;
    if (!state.files.has(fileId)) put(state.files, [file]);
    else {
      const files = new Map(state.files);
      files.delete(fileId);
      set({ ...state, isOn: true, files });
    }
    anchor = { fileId, files: state.files };
  }

  return {
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    state: () => state,
    begin: () => set({ ...state, isOn: true }),
    toggle,
    extendTo(file, rows) {
      const from = anchor === undefined ? -1 : rows.findIndex(({ fileId }) => fileId === anchor?.fileId);
      const to = rows.findIndex(({ fileId }) => fileId === file.fileId);
      // Where the range would begin is gone, or nothing was selected yet: it begins here.
      if (anchor === undefined || from < 0 || to < 0) {
        anchor = { fileId: file.fileId, files: state.files };
        return put(state.files, [file]);
      }
      put(anchor.files, rows.slice(Math.min(from, to), Math.max(from, to) + 1));
    },
    add: (rows) => put(state.files, rows),
    see({ rows, gone }) {
      if (gone.size + state.gone.size === 0) return;
      const back = rows.filter(({ fileId }) => state.gone.has(fileId) && !gone.has(fileId));
      const lost = [...gone].filter((fileId) => !state.gone.has(fileId));
      if (back.length + lost.length === 0) return;
      const known = new Set([...state.gone, ...lost]);
      for (const { fileId } of back) known.delete(fileId);
      set({ ...state, gone: known });
    },
    end() {
      anchor = undefined;
      set({ ...NOTHING, gone: state.gone });
    },
  };
}
