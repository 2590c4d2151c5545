import { create } from "@bufbuild/protobuf";
import { ConnectError, createRouterTransport } from "@connectrpc/connect";
import { PanalError } from "../../errors.ts";
import { type AttachResponse, AttachResponseSchema, RelayService } from "../../gen/panal/v1/relay_pb.ts";
import type { Clock } from "../../transfer/clock.ts";

type News = AttachResponse["news"];

/** Sleeps end when the test says so. */
export function createStoppedClock(): Clock & { wake(): void; readonly sleeping: number } {
  const sleepers = new Set<() => void>();
  return {
    now: () => 0,
    sleep: (_ms, signal) =>
      new Promise((resolve, reject) => {
        const wake = () => {
          sleepers.delete(wake);
          resolve();
        };
        sleepers.add(wake);
        signal?.addEventListener("abort", () => {
          sleepers.delete(wake);
          reject(new PanalError("aborted", "stopped"));
        });
        if (signal?.aborted === true) reject(new PanalError("aborted", "stopped"));
      }),
    wake: () => [...sleepers].forEach((wake) => wake()),
    get sleeping() {
      return sleepers.size;
    },
  };
}

/** A relay that does what the test says; pushes are answered by `answer`, or not when it throws. */
export function createFakeRelay(answer: (push: Push) => number = () => 204, maxPartBytes = 100_000) {
  const pushes: Push[] = [];
  const attaches: { peerId: string; session: string; authorization: string | null }[] = [];
  let say: (news: News | ConnectError) => void = () => {};
  let onChange = () => {};
  const transport = createRouterTransport((router) => {
    router.service(RelayService, {
      async *attach({ peerId, session }, { requestHeader }) {
        const queue: (News | ConnectError)[] = [attached(maxPartBytes)];
        let wake = () => {};
        say = (news) => {
          queue.push(news);
          wake();
        };
        attaches.push({ peerId, session, authorization: requestHeader.get("authorization") });
        onChange();
        for (;;) {
          const news = queue.shift();
          if (news instanceof ConnectError) throw news;
          if (news !== undefined) yield create(AttachResponseSchema, { news });
          else await new Promise<void>((resolve) => (wake = resolve));
        }
      },
    });
  });
  const until = async (isSo: () => boolean) => {
    while (!isSo()) await new Promise<void>((resolve) => (onChange = resolve));
  };
  return {
    transport,
    pushes,
    attaches,
    say: (news: News | ConnectError) => say(news),
    until,
    changed: () => onChange(),
    fetch: (async (url: string, init: RequestInit) => {
      const given = init.body as Uint8Array | Blob;
      const isFile = given instanceof Blob;
      const push: Push = {
        url,
        headers: init.headers as Record<string, string>,
        body: isFile ? new Uint8Array(await given.arrayBuffer()) : given,
        isFile,
      };
      pushes.push(push);
      const status = answer(push);
      onChange();
      return new Response(null, { status });
    }) as typeof globalThis.fetch,
  };
}

interface Push {
  readonly url: string;
  readonly headers: Record<string, string>;
  readonly body: Uint8Array;
  /** Where the body was: in a file, before it was asked for. */
  readonly isFile: boolean;
}

function attached(maxPartBytes: number): News {
  return {
    case: "attached",
    value: { $typeName: "panal.v1.Attached", heartbeatMs: 10_000, maxPartBytes, maxPartsInFlight: 4 },
  };
}

export function pull(more: Partial<Extract<News, { case: "pull" }>["value"]> = {}): News {
  return {
    case: "pull",
    value: {
      $typeName: "panal.v1.Pull",
      id: "pull-1",
      method: "GET",
      path: "/files/a",
      headers: {},
      client: "",
      body: new Uint8Array(),
      hasLongBody: false,
      grantedBytes: 1_000_000n,
      ...more,
    },
  };
}

/** As browsers have it once the file on the disk is another. */
export class UnreadableBlob extends Blob {
  override slice(): Blob {
    return this;
  }
  override arrayBuffer(): Promise<ArrayBuffer> {
    return Promise.reject(new DOMException("changed", "NotReadableError"));
  }
}

export async function* chunks(...parts: Uint8Array[]): AsyncGenerator<Uint8Array> {
  yield* parts;
}

export const bytes = (length: number, from = 0) => Uint8Array.from({ length }, (_, at) => (from + at) % 251);

export function bodyOf(pushes: readonly Push[], length: number): Uint8Array {
  const whole = new Uint8Array(length);
  for (const { headers, body } of pushes) whole.set(body, Number(headers["panal-offset"]));
  return whole;
}
