export * from "./answer-pull.ts";
export * from "./ask-peer.ts";
export * from "./attach.ts";
export * from "./byte-transport.ts";
export * from "./connect-errors.ts";
export * from "./file-sources.ts";
export * from "./peer-client.ts";
export * from "./peer-source.ts";
export {
  type PeerUploadOptions,
  UPLOAD_CODE_HEADER,
  type UploadConnector,
  createPeerUploadTarget,
} from "./peer-upload-target.ts";
export * from "./read-blob.ts";
export * from "./serve-calls.ts";
export * from "./stream-formats.ts";
