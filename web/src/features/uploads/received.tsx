import { displayName } from "@panal/sdk/content";
import { Upload } from "lucide-react";
import { useTranslation } from "react-i18next";
import { useSearch } from "wouter/use-browser-location";
import { RECEIVED_FAILED_QUERY } from "../../app/route.ts";
import type { UploadPeer } from "../../uploading/uploading-api.ts";
import { Button } from "../../ui/button.tsx";
import { useFormats } from "../../ui/use-formats.ts";
import { Warning } from "../../ui/warning.tsx";
import { uploadsOfThisPage } from "./this-page.ts";
import { useUploads } from "./use-uploads.ts";

const SHOWN_NAMES = 3;

/** What the share sheet of a phone has brought: for this peer, or first to choose one. */
export function Received({ peer }: { peer?: UploadPeer }) {
  const { t } = useTranslation();
  const formats = useFormats();
  const store = uploadsOfThisPage();
  const { kept } = useUploads();
  const hasFailed = useSearch() === RECEIVED_FAILED_QUERY;
  const received = kept.filter(({ peerId }) => peerId === undefined);
  if (received.length === 0) {
    return hasFailed ? <Warning className="mb-4">{t("upload.receivedFailed")}</Warning> : null;
  }
  const names = formats.list(received.slice(0, SHOWN_NAMES).map(({ name }) => displayName(name)));
  const count = { count: received.length, formatted: formats.count(received.length) };
  return (
    <section
      aria-label={t("upload.title")}
      className="mb-4 flex flex-col gap-3 rounded-xl border border-honey bg-honey-soft p-4"
    >
      <p className="wrap-anywhere">
        {t("upload.received", { ...count, names: received.length > SHOWN_NAMES ? `${names} …` : names })}
      </p>
      {peer === undefined ? <p>{t("upload.receivedHint")}</p> : null}
      <div className="flex flex-wrap gap-2">
        {peer === undefined ? null : (
          <Button look="primary" icon={<Upload />} onClick={() => void store.goOn(received, peer)}>
            {t("upload.sendReceived", { name: displayName(peer.name) })}
          </Button>
        )}
        <Button look="plain" onClick={() => store.forgetKept(received)}>
          {t("upload.discard")}
        </Button>
      </div>
    </section>
  );
}
