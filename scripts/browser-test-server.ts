import type { IncomingMessage, ServerResponse } from "node:http";
import { Code, ConnectError, type ConnectRouter } from "@connectrpc/connect";
import { connectNodeAdapter } from "@connectrpc/connect-node";
import { manifestToProto } from "@panal/sdk/content";
import { PeerService } from "@panal/sdk/proto";
import type { Plugin } from "vite";
import { answerEvents } from "./events-test-server.ts";
// Not through @panal/sdk/testing, whose suites would load Vitest into its own config.
import {
  createSampleFile,
  SAMPLE_LENGTHS,
  type SampleFile,
} from "../sdk/src/transfer/testing/sample-file.ts";

const CHUNK_BYTES = 300_000;

/**
 * What tests in the browser fetch from, beside their own pages: a peer with the files of the source suite, made of
 * Connect's stock server, a tracker's events, and answers that go wrong in all the ways `fetch` has to cope with.
 */
export function browserTestServer(): Plugin {
  return {
    name: "panal-browser-test-server",
    configureServer({ middlewares }) {
      const peer = connectNodeAdapter({
        routes: servePeer,
        fallback: (_request, response) => response.end(),
      });
      middlewares.use((request, response, next) => {
        const path = request.url ?? "";
        if (path.startsWith(`/${PeerService.typeName}/`)) peer(request, response);
        else if (path.startsWith("/events/")) answerEvents(path.slice("/events/".length), request, response);
        else if (path.startsWith("/answers/")) answer(path.slice("/answers/".length), request, response);
        else next();
      });
    },
  };
}

function servePeer(router: ConnectRouter): void {
  router.service(PeerService, {
    getManifest: async ({ fileId }) => manifestToProto((await fileOf(fileId)).manifest),
    async getAvailability({ fileId }) {
      await fileOf(fileId);
      return { availability: { case: "all", value: {} } };
    },
    async *downloadFile({ fileId, offset, length }) {
      const { content } = await fileOf(fileId);
      const start = Number(offset);
      const end = length === 0n ? content.length : start + Number(length);
      if (end > content.length || start > content.length)
        throw new ConnectError("past the end", Code.OutOfRange);
      for (let at = start; at < end; at += CHUNK_BYTES) {
        yield { data: content.subarray(at, Math.min(end, at + CHUNK_BYTES)) };
      }
    },
  });
}

async function fileOf(fileId: string): Promise<SampleFile> {
  const files = await Promise.all(Object.values(SAMPLE_LENGTHS).map((length) => createSampleFile(length)));
  const file = files.find(({ manifest }) => manifest.fileId === fileId);
  if (file === undefined) throw new ConnectError(`no file ${fileId}`, Code.NotFound);
  return file;
}

/** Requests of `/answers/endless` whose client has not gone away yet. */
let endlessCount = 0;

function answer(kind: string, request: IncomingMessage, response: ServerResponse): void {
  switch (kind) {
    case "echo": {
      response.setHeader("x-seen", JSON.stringify({ method: request.method, headers: request.headers }));
      request.pipe(response);
      return;
    }
    case "redirect": {
      response.writeHead(302, { location: "/answers/echo" }).end();
      return;
    }
    case "error": {
      response.writeHead(503, { "retry-after": "7" }).end("busy");
      return;
    }
    case "cut": {
      response.writeHead(200, { "content-length": "1000000" });
      response.write(Buffer.alloc(1000), () => setImmediate(() => response.destroy()));
      return;
    }
    case "endless": {
      endlessCount++;
      response.once("close", () => endlessCount--);
      const more = () => {
        while (!response.destroyed && response.write(Buffer.alloc(CHUNK_BYTES)));
      };
      response.on("drain", more);
      more();
      return;
    }
    case "endless-count": {
      response.end(String(endlessCount));
      return;
    }
    case "huge-frame": {
      // A gRPC-Web message of almost 4 GiB, announced in eight bytes.
      response.writeHead(200, { "content-type": "application/grpc-web+proto" });
      response.end(Buffer.from([0, 0xff, 0xff, 0xff, 0xf0, 1, 2, 3]));
      return;
    }
    default:
      response.writeHead(404).end();
  }
}
