import "i18next";
import type { enSending } from "./en-sending.ts";
import type { en } from "./en.ts";

declare module "i18next" {
  interface CustomTypeOptions {
    defaultNS: "translation";
    resources: { translation: typeof en & typeof enSending };
    keySeparator: false;
    nsSeparator: false;
  }
}
