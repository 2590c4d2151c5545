import { fromBinary } from "@bufbuild/protobuf";
import { FileDescriptorProtoSchema } from "@bufbuild/protobuf/wkt";
import { createClient, createRouterTransport } from "@connectrpc/connect";
import {
  Health,
  HealthCheckResponse_ServingStatus as ServingStatus,
} from "@panal/sdk/gen/grpc/health/v1/health_pb";
import { ServerReflection } from "@panal/sdk/gen/grpc/reflection/v1/reflection_pb";
import { ServerReflection as ServerReflectionAlpha } from "@panal/sdk/gen/grpc/reflection/v1alpha/reflection_pb";
import { PeerService } from "@panal/sdk/proto";
import { describe, expect, it } from "vitest";
import { createHealth } from "./health.ts";
import { addReflection } from "./reflection.ts";

const health = createHealth([PeerService.typeName]);
const transport = createRouterTransport((router) => {
  router.service(Health, health.service);
  addReflection(router, [PeerService, Health]);
});

async function* only<T>(value: T) {
  yield value;
}

describe("addReflection()", () => {
  for (const [version, service] of Object.entries({ v1: ServerReflection, v1alpha: ServerReflectionAlpha })) {
    const client = createClient(service as typeof ServerReflection, transport);
    const ask = async (messageRequest: {
      case: "listServices" | "fileContainingSymbol" | "fileByFilename";
      value: string;
    }) => {
      for await (const { messageResponse } of client.serverReflectionInfo(only({ messageRequest })))
        return messageResponse;
      return undefined;
    };

    it(`lists the services (${version})`, async () => {
      const answer = await ask({ case: "listServices", value: "*" });
      expect(answer).toMatchObject({
        case: "listServicesResponse",
        value: {
          service: expect.arrayContaining([expect.objectContaining({ name: "panal.v1.PeerService" })]),
        },
      });
    });

    it.each([
      ["fileContainingSymbol", "panal.v1.PeerService"],
      ["fileContainingSymbol", "panal.v1.PeerService.DownloadFile"],
      ["fileContainingSymbol", "panal.v1.Entry"],
      ["fileByFilename", "panal/v1/peer.proto"],
    ] as const)(`gives the file for %s %s (${version})`, async (kind, value) => {
      const answer = await ask({ case: kind, value });
      if (answer?.case !== "fileDescriptorResponse") throw new Error(`no file: ${JSON.stringify(answer)}`);
      const [file] = answer.value.fileDescriptorProto.map((bytes) =>
        fromBinary(FileDescriptorProtoSchema, bytes),
      );
      expect(file!.name).toBe("panal/v1/peer.proto");
    });

    it(`says so when it doesn't know a symbol (${version})`, async () => {
      expect(await ask({ case: "fileContainingSymbol", value: "nobody.Knows" })).toMatchObject({
        case: "errorResponse",
        value: { errorCode: 5 },
      });
    });
  }
});

describe("createHealth()", () => {
  const client = createClient(Health, transport);

  it("check() says SERVING for the server and its services, NOT_FOUND for others", async () => {
    expect((await client.check({})).status).toBe(ServingStatus.SERVING);
    expect((await client.check({ service: "panal.v1.PeerService" })).status).toBe(ServingStatus.SERVING);
    await expect(client.check({ service: "x" })).rejects.toThrow(/no service x/);
  });

  it("watch() tells the status, tells again when it changes, and ends", async () => {
    const seen: ServingStatus[] = [];
    for await (const { status } of client.watch({})) {
      seen.push(status);
      if (seen.length === 1) health.setNotServing();
    }
    expect(seen).toEqual([ServingStatus.SERVING, ServingStatus.NOT_SERVING]);
  });
});
