import type { FileId } from "@panal/sdk/content";
import { HardDriveDownload } from "lucide-react";
import { useTranslation } from "react-i18next";
import { navigate } from "wouter/use-browser-location";
import { Button, type ButtonLook } from "../../ui/button.tsx";
import { useSavesStore } from "./use-transfers.ts";

interface SaveStraightButtonProps {
  fileId: FileId;
  name: string;
  look: ButtonLook;
}

/** Saves one file straight into the browser's downloads; the list of transfers shows how far it is. */
export function SaveStraightButton({ fileId, name, look }: SaveStraightButtonProps) {
  const { t } = useTranslation();
  const saves = useSavesStore();
  return (
    <Button
      look={look}
      icon={<HardDriveDownload />}
      onClick={() => {
        void saves.start({ name, files: [{ fileId, path: name, modifiedMs: 0 }], isZip: false });
        navigate("/transfers");
      }}
    >
      {t("way.straight")}
    </Button>
  );
}
