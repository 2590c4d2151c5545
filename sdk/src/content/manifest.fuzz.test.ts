import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import { PanalError } from "../errors.ts";
import { GetManifestResponseSchema } from "../gen/panal/v1/peer_pb.ts";
import { type FileId, fileIdOf } from "./file-id.ts";
import { manifestFromProto, manifestToProto } from "./manifest-codec.ts";
import { type Manifest, manifestFromPieceHashes } from "./manifest.ts";
import corpus from "./testdata/manifest-messages.json" with { type: "json" };

const MIB = 1024 * 1024;
const bytes32 = fc.uint8Array({ minLength: 32, maxLength: 32 });
const uint64 = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n });
const uint32 = fc.integer({ min: 0, max: 2 ** 32 - 1 });

/** What the decoder does with a claim: a manifest that holds together, or "corrupt". */
function decode(fileId: FileId, claim: Parameters<typeof manifestFromProto>[1]): Manifest | undefined {
  try {
    return manifestFromProto(fileId, claim);
  } catch (error) {
    expect(error).toBeInstanceOf(PanalError);
    expect(error).toMatchObject({ code: "corrupt" });
    return undefined;
  }
}

describe("manifestFromProto()", () => {
  let honest: Manifest;
  beforeAll(() => {
    honest = manifestFromPieceHashes(
      Uint8Array.from({ length: 5 * 32 }, (_, at) => (at * 7) & 0xff),
      4 * MIB + 5,
    );
  });

  it("takes nothing anybody makes up", () => {
    const claims = fc.record({
      length: fc.oneof(uint64, fc.constantFrom(0n, 1n, 2n ** 53n, 2n ** 63n, 2n ** 64n - 1n)),
      pieceLength: fc.oneof(uint32, fc.constantFrom(0, 1, MIB, 16 * MIB)),
      piecesRoot: fc.uint8Array({ maxLength: 40 }),
      pieceLayer: fc.uint8Array({ maxLength: 400 }),
    });
    const ids = fc.tuple(bytes32, fc.integer({ min: 0, max: 2 ** 41 }));
    fc.assert(
      fc.property(ids, claims, ([root, length], claim) => {
        const fileId = fileIdOf(root, length);
        const manifest = decode(fileId, create(GetManifestResponseSchema, { fileId, ...claim }));
        expect(manifest).toBeUndefined();
      }),
    );
  });

  it("takes an honest manifest with any one thing changed for what it is", () => {
    const pieceLayer = honest.pieceLayer;
    fc.assert(
      fc.property(fc.nat(pieceLayer.length - 1), fc.integer({ min: 1, max: 255 }), (at, change) => {
        const changed = pieceLayer.map((byte, index) => (index === at ? byte ^ change : byte));
        const claim = create(GetManifestResponseSchema, manifestToProto(honest));
        expect(decode(honest.fileId, claim)).toEqual(honest);
        expect(decode(honest.fileId, { ...claim, pieceLayer: changed })).toBeUndefined();
        expect(decode(honest.fileId, { ...claim, pieceLayer: pieceLayer.subarray(0, at) })).toBeUndefined();
      }),
    );
  });

  it("reads messages of noise, and messages with noise in them, without anything but an error", () => {
    const message = toBinary(GetManifestResponseSchema, manifestToProto(honest));
    const noises = fc.oneof(
      fc.uint8Array({ maxLength: 200 }),
      fc.tuple(fc.nat(message.length - 1), fc.uint8Array({ maxLength: 8 })).map(([at, noise]) => {
        const copy = message.slice();
        copy.set(noise.subarray(0, copy.length - at), at);
        return copy;
      }),
    );
    fc.assert(
      fc.property(noises, (noise) => {
        let claim;
        try {
          claim = fromBinary(GetManifestResponseSchema, noise);
        } catch (error) {
          // Of protobuf's own, which the RPC layer translates.
          expect(error).toBeInstanceOf(Error);
          return;
        }
        const manifest = decode(honest.fileId, claim);
        if (manifest !== undefined) expect(manifest).toEqual(honest);
      }),
    );
  });

  it("makes of each message of the corpus what it did when that was found", () => {
    const { fileId } = manifestFromPieceHashes(
      Uint8Array.from({ length: 2 * 32 }, (_, at) => (at * 7) & 0xff),
      MIB + 5,
    );
    for (const { hex, outcome } of corpus) {
      const message = Uint8Array.from(hex.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
      const read = () => fromBinary(GetManifestResponseSchema, message);
      if (outcome === "unreadable") expect(read, hex).toThrow();
      else expect(decode(fileId, read()) === undefined ? "corrupt" : "whole", hex).toBe(outcome);
    }
  });
});
