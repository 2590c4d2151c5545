// What other views need of uploads.

export { SendLink } from "./send-link.tsx";
export { UploadView } from "./upload-view-lazy.tsx";
export { usePeerUploads } from "./use-peer-uploads.ts";
