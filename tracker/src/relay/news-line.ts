import { PanalError } from "@panal/sdk";
import type { Wait } from "../wait.ts";

/** Something goes over a stream at least this often, so that both ends and proxies know that it lives. */
export const HEARTBEAT_MS = 5_000;
/** What a peer that doesn't read its stream may leave lying: then it has gone. */
const MAX_WAITING = 4_096;

/** As relay.proto has it. */
export type RelayNews =
  | {
      readonly case: "attached";
      readonly value: { heartbeatMs: number; maxPartBytes: number; maxPartsInFlight: number };
    }
  | {
      readonly case: "pull";
      readonly value: {
        id: string;
        method: string;
        path: string;
        headers: Record<string, string>;
        client: string;
        body: Uint8Array<ArrayBuffer>;
        hasLongBody: boolean;
        grantedBytes: bigint;
      };
    }
  | { readonly case: "grant"; readonly value: { id: string; grantedBytes: bigint } }
  | { readonly case: "cancel"; readonly value: { id: string } }
  | { readonly case: "heartbeat"; readonly value: {} };

/** What one stream of a peer's is told, in order, until it ends. */
export interface NewsLine {
  say(news: RelayNews): void;
  /** The stream ends, with this error; without one because the peer ended it. */
  end(error?: PanalError): void;
  /** To be read by whoever writes the stream; once. */
  read(): AsyncGenerator<RelayNews>;
}

export function createNewsLine({ wait, onEnd }: { wait: Wait; onEnd: () => void }): NewsLine {
  const waiting: RelayNews[] = [];
  let ended: { error: PanalError | undefined } | undefined;
  let wake = () => {};
  let stopHeartbeat = () => {};

  function beat(): void {
    stopHeartbeat = wait(HEARTBEAT_MS, () => {
      line.say({ case: "heartbeat", value: {} });
      beat();
    });
  }

  const line: NewsLine = {
    say(news) {
      if (ended !== undefined) return;
      waiting.push(news);
      if (waiting.length > MAX_WAITING) line.end(new PanalError("unreachable", "the stream isn't read"));
      wake();
    },
    end(error) {
      if (ended !== undefined) return;
      ended = { error };
      stopHeartbeat();
      wake();
      onEnd();
    },
    async *read() {
      for (;;) {
        const next = waiting.shift();
        if (next !== undefined) yield next;
        else if (ended?.error !== undefined) throw ended.error;
        else if (ended !== undefined) return;
        else await new Promise<void>((resolve) => (wake = resolve));
      }
    },
  };
  beat();
  return line;
}
