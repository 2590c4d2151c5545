import { FilePlus2, FolderPlus } from "lucide-react";
import { useRef } from "react";
import { useTranslation } from "react-i18next";
import type { RootRequest } from "../../sharing/sharing-api.ts";
import { Button } from "../../ui/button.tsx";
import { hasPickers, pickRoots, rootsOfField } from "./pick-roots.ts";

interface ChooseButtonProps {
  kind: RootRequest["kind"];
  /** There is nothing better to do. */
  isMain?: boolean;
  onRoots(roots: RootRequest[]): void;
}

/** Asks for files, or for a folder: with handles where the browser has them. */
export function ChooseButton({ kind, isMain = false, onRoots }: ChooseButtonProps) {
  const { t } = useTranslation();
  const field = useRef<HTMLInputElement>(null);
  const label = t(kind === "file" ? "share.chooseFiles" : "share.chooseFolder");
  const choose = () => {
    if (!hasPickers()) field.current?.click();
    else pickRoots(kind).then(onRoots, () => field.current?.click());
  };
  return (
    <>
      <Button
        look={isMain ? "primary" : "plain"}
        icon={kind === "file" ? <FilePlus2 aria-hidden="true" /> : <FolderPlus aria-hidden="true" />}
        onClick={choose}
      >
        {label}
      </Button>
      <input
        ref={field}
        type="file"
        multiple
        hidden
        aria-label={label}
        {...(kind === "folder" ? { webkitdirectory: "" } : {})}
        onChange={({ target }) => {
          onRoots(rootsOfField(target.files ?? []));
          target.value = "";
        }}
      />
    </>
  );
}
