// What other views need of uploads.

export { GoneUploadLinks } from "./gone-upload-links.tsx";
export { PeerUploadsLine } from "./peer-uploads-line.tsx";
export { Received } from "./received.tsx";
export { SendLink } from "./send-link.tsx";
export { GonePeerUploads, UploadView } from "./upload-view-lazy.tsx";
export { useLeftUploads } from "./use-left-uploads.ts";
export { usePeerUploads } from "./use-peer-uploads.ts";
