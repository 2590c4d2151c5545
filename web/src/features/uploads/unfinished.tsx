import type { KeptUpload } from "@panal/sdk/browser";
import { displayName } from "@panal/sdk/content";
import { RotateCcw } from "lucide-react";
import { useTranslation } from "react-i18next";
import type { UploadPeer } from "../../uploading/uploading-api.ts";
import { Button } from "../../ui/button.tsx";
import { useFormats } from "../../ui/use-formats.ts";
import { ChooseButton } from "../share/index.ts";
import { isAtHand } from "./kept-roots.ts";
import { uploadsOfThisPage } from "./this-page.ts";

interface UnfinishedProps {
  kept: readonly KeptUpload[];
  /** Undefined while it is gone. */
  peer: UploadPeer | undefined;
}

/** What an earlier page hasn't sent to the end: goes on with one click, or with the same files chosen again. */
export function Unfinished({ kept, peer }: UnfinishedProps) {
  const { t } = useTranslation();
  const store = uploadsOfThisPage();
  if (peer === undefined) {
    if (kept.length === 0) return null;
    return (
      <Box>
        <p className="wrap-anywhere">
          <Names kept={kept} />
        </p>
        <p className="text-sm text-honey-ink">{t("upload.goOnLater")}</p>
        <div className="flex flex-wrap gap-2">
          <Button look="plain" onClick={() => store.forgetKept(kept)}>
            {t("upload.discard")}
          </Button>
        </div>
      </Box>
    );
  }
  const atHand = kept.filter(isAtHand);
  const others = kept.filter((record) => !isAtHand(record));
  return (
    <>
      {atHand.length > 0 ? (
        <Box>
          <p className="wrap-anywhere">
            <Names kept={atHand} />
          </p>
          <div className="flex flex-wrap gap-2">
            <Button look="primary" icon={<RotateCcw />} onClick={() => void store.goOn(atHand, peer)}>
              {t("upload.goOn")}
            </Button>
            <Button look="quiet" onClick={() => store.forgetKept(atHand)}>
              {t("upload.forgetKept")}
            </Button>
          </div>
        </Box>
      ) : null}
      {others.map((record) => (
        <Box key={record.id}>
          <p className="wrap-anywhere">{t("upload.chooseAgain", { name: displayName(record.name) })}</p>
          <div className="flex flex-wrap gap-2">
            <ChooseButton
              kind={record.kind}
              isMain
              onRoots={(roots) => void store.goOnWith(record, roots, peer)}
            />
            <Button look="quiet" onClick={() => store.forgetKept([record])}>
              {t("upload.forgetKept")}
            </Button>
          </div>
        </Box>
      ))}
    </>
  );
}

function Names({ kept }: { kept: readonly KeptUpload[] }) {
  const { t } = useTranslation();
  const formats = useFormats();
  const names = formats.list(kept.slice(0, 3).map(({ name }) => displayName(name)));
  const more = kept.length - 3;
  return more > 0 ? t("upload.unfinishedMore", { names, count: more }) : t("upload.unfinished", { names });
}

function Box({ children }: { children: React.ReactNode }) {
  return <div className="flex flex-col gap-3 rounded-xl border border-line bg-sunken p-4">{children}</div>;
}
