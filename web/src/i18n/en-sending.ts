import { enShare } from "./en-share.ts";
import { enUploads } from "./en-uploads.ts";

/** What only the views of sharing and of peers say: fetched with them. */
export const enSending = { ...enShare, ...enUploads } as const;
