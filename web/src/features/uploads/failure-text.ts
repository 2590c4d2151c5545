import { displayName } from "@panal/sdk/content";
import type { TFunction } from "i18next";
import type { UploadFailure } from "../../uploading/uploading-api.ts";

/** Why something wasn't sent, and what to do, in the person's words; the peer's own where only it knows. */
export function failureText(t: TFunction, { code, message }: UploadFailure): string {
  const why = displayName(message);
  switch (code) {
    case "unauthorized":
    case "forbidden":
    case "busy":
    case "conflict":
    case "invalid":
    case "not-found":
    case "no-permission":
    case "changed":
    case "corrupt":
    case "too-large":
    case "unreachable":
    case "timeout":
      return t(`upload.failed.${code}`, { why });
    default:
      return t(`error.${code}`);
  }
}
