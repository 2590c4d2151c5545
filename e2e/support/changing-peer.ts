import { expect } from "vitest";

/** Files of a list; in parts, so that a kill may come between two. */
const MAX_FILES = 800;
const PARTS = 3;
/** Contents that peers share, so that they meet in the index. */
const CONTENTS = 3_000;
const MTIME = "2026-01-02T03:04:05.000Z";

interface State {
  readonly peerId: string;
  readonly lease: string;
  readonly revision: number;
  /** Path -> file id. */
  readonly files: ReadonlyMap<string, string>;
}

type Kind = "register" | "announce" | "patch" | "logout";

/** A client that changes its entry again and again, and knows what the tracker has confirmed. */
export interface ChangingPeer {
  /** Makes some change; false when the tracker went away before it answered. */
  change(trackerUrl: string): Promise<boolean>;
  /** Throws unless the tracker has what it confirmed, or that with the change that was under way. */
  verify(trackerUrl: string): Promise<void>;
  readonly counts: Readonly<Record<Kind | "interrupted", number>>;
}

export function createChangingPeer(port: number, random: () => number): ChangingPeer {
  /** Undefined: logged out. */
  let confirmed: State | undefined;
  /** Of the change that wasn't answered; `undefined` in it: logged out. */
  let underWay: { readonly state: State | undefined } | undefined;
  const counts = { register: 0, announce: 0, patch: 0, logout: 0, interrupted: 0 };

  const some = (limit: number) => Math.floor(random() * limit);
  const fileId = () => {
    const content = some(CONTENTS);
    return `${content.toString(16).padStart(64, "0")}-${content + 1}`;
  };
  const path = () => `folder ${some(20)}/winter file ${some(2_000)}.txt`;
  const list = (files: Iterable<[string, string]>) =>
    Array.from(files, ([name, id]) => ({ path: name, fileId: id, mtime: MTIME }));

  /** The change itself, with its answers, and what is so afterwards. */
  function nextChange(url: string): {
    kind: Kind;
    after: State | undefined;
    run(): Promise<State | undefined>;
  } {
    if (confirmed === undefined) return { kind: "register", after: undefined, run: () => register(url) };
    const state = confirmed;
    const dice = random();
    if (dice < 0.1) {
      return {
        kind: "logout",
        after: undefined,
        async run() {
          await call(url, `/api/v1/peers/${state.peerId}`, { method: "DELETE", lease: state.lease });
          return undefined;
        },
      };
    }
    const revision = state.revision + 1;
    if (dice < 0.4) {
      const files = new Map(Array.from({ length: some(MAX_FILES) }, () => [path(), fileId()]));
      const after = { ...state, revision, files };
      return { kind: "announce", after, run: () => announce(url, after) };
    }
    const removed = [...state.files.keys()].filter(() => random() < 0.02);
    const added = new Map(Array.from({ length: some(50) }, () => [path(), fileId()]));
    const files = new Map(state.files);
    for (const name of removed) files.delete(name);
    for (const [name, id] of added) files.set(name, id);
    const after = { ...state, revision, files };
    const body = { baseRevision: state.revision, revision, added: list(added), removed };
    return {
      kind: "patch",
      after,
      async run() {
        await call(url, `/api/v1/peers/${state.peerId}/files`, { method: "PATCH", lease: state.lease, body });
        return after;
      },
    };
  }

  async function register(url: string): Promise<State> {
    const answer = await call(url, "/api/v1/peers", { body: { name: `peer ${port}`, port } });
    const { peerId, lease } = answer as { peerId: string; lease: string };
    return { peerId, lease, revision: 0, files: new Map() };
  }

  async function announce(url: string, after: State): Promise<State> {
    const all = list(after.files);
    const upload = `upload-${after.revision}-${some(1e9)}`;
    for (let part = 0; part < PARTS; part++) {
      const body = all.slice((part * all.length) / PARTS, ((part + 1) * all.length) / PARTS);
      const last = part === PARTS - 1 ? `&last=true&revision=${after.revision}` : "";
      await call(url, `/api/v1/peers/${after.peerId}/files?upload=${upload}${last}`, {
        method: "PUT",
        lease: after.lease,
        body,
      });
    }
    return after;
  }

  /** What the tracker has; undefined when it doesn't know the lease. */
  async function stateAt(url: string, { peerId, lease }: State): Promise<State | undefined> {
    const beat = await fetch(`${url}/api/v1/peers/${peerId}/heartbeat`, {
      method: "POST",
      headers: { authorization: `Bearer ${lease}` },
    });
    if (beat.status !== 200) return undefined;
    const { revision } = (await beat.json()) as { revision: number };
    const files = new Map<string, string>();
    for (let cursor: string | undefined = ""; cursor !== undefined;) {
      const next: string = cursor === "" ? "" : `&cursor=${cursor}`;
      const page = (await call(url, `/api/v1/peers/${peerId}/files?limit=200${next}`)) as {
        files: { path: string; fileId: string }[];
        nextCursor?: string;
      };
      for (const file of page.files) files.set(file.path, file.fileId);
      cursor = page.nextCursor;
    }
    return { peerId, lease, revision, files };
  }

  return {
    counts,
    async change(url) {
      const { kind, after, run } = nextChange(url);
      underWay = { state: after };
      try {
        confirmed = await run();
      } catch (error) {
        // Refused is not what was asked for; a connection that broke is.
        if (!(error instanceof TypeError)) throw error;
        counts.interrupted++;
        return false;
      }
      underWay = undefined;
      counts[kind]++;
      return true;
    },
    async verify(url) {
      if (confirmed === undefined) {
        // A registration that wasn't answered may have the address: nobody knows its lease, so it is another one from now on.
        if (underWay !== undefined) port += 1_000;
        underWay = undefined;
        return;
      }
      const found = await stateAt(url, confirmed);
      const possible = underWay === undefined ? [confirmed] : [confirmed, underWay.state];
      expect(possible.map(shown)).toContain(shown(found));
      confirmed = found;
      underWay = undefined;
    },
  };
}

/** To be compared, and to be read when it differs. */
function shown(state: State | undefined): string {
  if (state === undefined) return "logged out";
  const files = [...state.files].map(([path, fileId]) => `${path} ${fileId}`).sort();
  return `revision ${state.revision}: ${files.length} files\n${files.join("\n")}`;
}

async function call(
  url: string,
  path: string,
  { method, lease, body }: { method?: string; lease?: string; body?: unknown } = {},
): Promise<unknown> {
  const response = await fetch(`${url}${path}`, {
    method: method ?? (body === undefined ? "GET" : "POST"),
    headers: lease === undefined ? {} : { authorization: `Bearer ${lease}` },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`${path}: ${response.status} ${text}`);
  return text === "" ? undefined : (JSON.parse(text) as unknown);
}
