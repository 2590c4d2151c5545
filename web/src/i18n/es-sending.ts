import { esShare } from "./es-share.ts";
import { esUploads } from "./es-uploads.ts";

export const esSending = { ...esShare, ...esUploads };
