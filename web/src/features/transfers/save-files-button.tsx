import { FolderDown } from "lucide-react";
import { lazy, Suspense, useState } from "react";
import { useTranslation } from "react-i18next";
import { ViewBoundary } from "../../app/view-boundary.tsx";
import type { SaveFile } from "../../engine/engine-api.ts";
import { Button, type ButtonLook } from "../../ui/button.tsx";

/** Many files at once; their paths are as somebody else gave them. */
export interface Batch {
  /** What is asked about it, such as "Save Films"; ready to be shown. */
  readonly title: string;
  /** What the ZIP is to be called, without its extension. */
  readonly name: string;
  /** All of them. Rejects with what keeps them from being listed. */
  collect(signal: AbortSignal): Promise<readonly SaveFile[]>;
}

const SaveDialog = lazy(async () => ({ default: (await import("./save-dialog.tsx")).SaveDialog }));

/** Saves a whole batch: as a tree of folders, or as one ZIP. */
export function SaveFilesButton(props: { label: string; batch: Batch; look?: ButtonLook }) {
  const { label, batch, look = "plain" } = props;
  const { t } = useTranslation();
  const [isOpen, setOpen] = useState(false);
  return (
    <>
      <Button look={look} icon={<FolderDown />} title={label} onClick={() => setOpen(true)}>
        {/* A phone has room for the peer's name or for these words. */}
        <span className={look === "primary" ? "" : "max-sm:sr-only"}>{label}</span>
      </Button>
      {isOpen ? (
        <ViewBoundary>
          <Suspense
            fallback={
              <span role="status" className="sr-only">
                {t("common.loading")}
              </span>
            }
          >
            <SaveDialog batch={batch} onClose={() => setOpen(false)} />
          </Suspense>
        </ViewBoundary>
      ) : null}
    </>
  );
}
