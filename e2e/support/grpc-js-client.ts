import { fileURLToPath } from "node:url";
import { Readable } from "node:stream";
import {
  Client,
  Metadata,
  type ClientReadableStream,
  type ServiceDefinition,
  credentials,
} from "@grpc/grpc-js";
import { type ServiceDefinition as LoadedService, loadSync } from "@grpc/proto-loader";

/** A service as @grpc/grpc-js calls it, from the .proto files alone: nothing of ours is in between. */
export interface GrpcJsClient {
  call<T>(method: string, request: object): Promise<T>;
  /** A stream of messages, as the library gives it. */
  stream<T>(method: string, request: object): ClientReadableStream<T>;
  /** Sends a stream of messages, each when there is room for it; gives the answer. */
  send<T>(method: string, requests: readonly object[]): Promise<T>;
  close(): void;
}

const PROTO_FOLDER = fileURLToPath(new URL("../../proto", import.meta.url));
const definitions = loadSync(["panal/v1/peer.proto", "grpc/health/v1/health.proto"], {
  includeDirs: [PROTO_FOLDER],
  longs: Number,
  enums: String,
  oneofs: true,
});

export function createGrpcJsClient(
  url: string,
  service: string,
  headers: Readonly<Record<string, string>> = {},
): GrpcJsClient {
  const metadata = new Metadata();
  for (const [name, value] of Object.entries(headers)) metadata.set(name, value);
  const methods = definitions[service] as LoadedService as unknown as ServiceDefinition;
  const client = new Client(new URL(url).host, credentials.createInsecure());
  const methodOf = (name: string) => {
    const method = methods[name];
    if (method === undefined) throw new Error(`${service} has no method ${name}`);
    return method;
  };
  return {
    call: <T>(name: string, request: object) =>
      new Promise<T>((resolve, reject) => {
        const { path, requestSerialize, responseDeserialize } = methodOf(name);
        client.makeUnaryRequest(
          path,
          requestSerialize,
          responseDeserialize,
          request,
          metadata,
          (error, answer) => {
            if (error === null) resolve(answer as T);
            else reject(error);
          },
        );
      }),
    stream<T>(name: string, request: object) {
      const { path, requestSerialize, responseDeserialize } = methodOf(name);
      return client.makeServerStreamRequest(
        path,
        requestSerialize,
        responseDeserialize,
        request,
        metadata,
      ) as ClientReadableStream<T>;
    },
    send: <T>(name: string, requests: readonly object[]) =>
      new Promise<T>((resolve, reject) => {
        const { path, requestSerialize, responseDeserialize } = methodOf(name);
        const call = client.makeClientStreamRequest(
          path,
          requestSerialize,
          responseDeserialize,
          metadata,
          (error, answer) => {
            if (error === null) resolve(answer as T);
            else reject(error);
          },
        );
        // How it ended is in the answer.
        Readable.from(requests)
          .pipe(call)
          .on("error", () => {});
      }),
    close: () => client.close(),
  };
}
