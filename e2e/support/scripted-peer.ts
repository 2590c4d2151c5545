import { once } from "node:events";
import { type IncomingMessage, type ServerResponse, createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { type Manifest, manifestToProto } from "@panal/sdk";
import {
  DownloadFileRequestSchema,
  GetAvailabilityResponseSchema,
  type GetManifestResponse,
  GetManifestResponseSchema,
} from "@panal/sdk/proto";

const ENVELOPE_BYTES = 5;
const MESSAGE_BYTES = 256 * 1024;
const END_FLAG = 2;

/** A file as a scripted peer has it. */
export interface ScriptedFile {
  readonly bytes: Buffer;
  readonly manifest: Manifest;
}

/** A request for file data; `data` is what an honest peer would answer. */
export interface Exchange {
  readonly response: ServerResponse;
  readonly data: Buffer;
  /** Writes when the client takes it; false when the client has gone. */
  write(bytes: Uint8Array): Promise<boolean>;
}

export interface Script {
  /** Default: honest. The head (200, the type of a Connect stream) is left to it. */
  readonly download?: (exchange: Exchange) => Promise<void>;
  /** Changes the manifest before it is sent, or holds it back. */
  readonly manifest?: (honest: GetManifestResponse) => GetManifestResponse | Promise<GetManifestResponse>;
}

export interface ScriptedPeer {
  readonly url: string;
  close(): Promise<void>;
}

/** A peer made of a bare HTTP server, which answers for one file and as badly as its script wants. */
export async function startScriptedPeer(
  { bytes, manifest }: ScriptedFile,
  script: Script = {},
): Promise<ScriptedPeer> {
  const download = script.download ?? answerHonestly;
  const server = createServer((request, response) => {
    void answer(request, response).catch(() => response.destroy());
  }).listen(0, "127.0.0.1");

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = Buffer.concat(await Array.fromAsync(request as AsyncIterable<Buffer>));
    switch (request.url?.split("/").at(-1)) {
      case "GetManifest": {
        const honest = manifestToProto(manifest);
        const answer = (await script.manifest?.(honest)) ?? honest;
        return answerOnce(response, toBinary(GetManifestResponseSchema, answer));
      }
      case "GetAvailability": {
        const all = create(GetAvailabilityResponseSchema, { availability: { case: "all", value: {} } });
        return answerOnce(response, toBinary(GetAvailabilityResponseSchema, all));
      }
      case "DownloadFile": {
        const { offset, length } = fromBinary(DownloadFileRequestSchema, body.subarray(ENVELOPE_BYTES));
        const data = bytes.subarray(Number(offset), Number(offset + length));
        return download({ response, data, write: (part) => writeTo(response, part) });
      }
      default:
        response.writeHead(404).end();
    }
  }

  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}

/** All of `data` as a Connect stream, with its end. */
export async function answerHonestly({ response, data, write }: Exchange): Promise<void> {
  openStream(response);
  for (let at = 0; at < data.length; at += MESSAGE_BYTES) {
    if (!(await write(message(data.subarray(at, at + MESSAGE_BYTES))))) return;
  }
  response.end(END);
}

export function openStream(response: ServerResponse, headers: Record<string, string> = {}): void {
  response.writeHead(200, { "content-type": "application/connect+proto", ...headers });
  response.flushHeaders();
}

/** A message of file data in its envelope. */
export function message(data: Uint8Array): Buffer {
  const tag = [0x0a, ...varint(data.length)];
  return Buffer.concat([envelope(0, tag.length + data.length), Buffer.from(tag), data]);
}

export function envelope(flags: number, length: number): Buffer {
  const bytes = Buffer.alloc(ENVELOPE_BYTES);
  bytes.writeUInt8(flags);
  bytes.writeUInt32BE(length, 1);
  return bytes;
}

/** The end of a Connect stream: an empty object, or an error. */
export function endOf(content: object): Buffer {
  const json = Buffer.from(JSON.stringify(content));
  return Buffer.concat([envelope(END_FLAG, json.length), json]);
}

const END = endOf({});

function varint(value: number): number[] {
  return value < 128 ? [value] : [(value & 127) | 128, ...varint(Math.floor(value / 128))];
}

function answerOnce(response: ServerResponse, body: Uint8Array): void {
  response.writeHead(200, { "content-type": "application/proto" }).end(body);
}

async function writeTo(response: ServerResponse, bytes: Uint8Array): Promise<boolean> {
  if (response.destroyed) return false;
  if (response.write(bytes)) return true;
  const drained = new AbortController();
  await Promise.race([
    once(response, "drain", { signal: drained.signal }).catch(() => {}),
    once(response, "close", { signal: drained.signal }).catch(() => {}),
  ]);
  drained.abort();
  return !response.destroyed;
}
