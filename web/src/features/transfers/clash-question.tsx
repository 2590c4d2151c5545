import { displayName } from "@panal/sdk/content";
import { useEffect, useId, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { Button } from "../../ui/button.tsx";
import type { ClashAnswer } from "./save-tree.ts";

interface ClashQuestionProps {
  path: string;
  answer(answer: ClashAnswer, isForAll: boolean): void;
}

/** A file of this name is there, and isn't the same. */
export function ClashQuestion({ path, answer }: ClashQuestionProps) {
  const { t } = useTranslation();
  const id = useId();
  const [isForAll, setForAll] = useState(false);
  const first = useRef<HTMLDivElement>(null);
  // The button that was pressed before is gone.
  useEffect(() => first.current?.querySelector("button")?.focus(), [path]);
  return (
    <div className="mt-3 flex flex-col gap-3">
      <p role="status" className="wrap-anywhere">
        {t("save.clash", { name: displayName(path) })}
      </p>
      <label htmlFor={id} className="flex min-h-8 items-center gap-2">
        <input
          id={id}
          type="checkbox"
          checked={isForAll}
          onChange={(event) => setForAll(event.target.checked)}
          className="size-4 accent-honey"
        />
        {t("save.forAll")}
      </label>
      <div ref={first} className="flex flex-wrap gap-2">
        <Button look="primary" onClick={() => answer("keep-both", isForAll)}>
          {t("save.keepBoth")}
        </Button>
        <Button look="danger" onClick={() => answer("replace", isForAll)}>
          {t("save.replace")}
        </Button>
        <Button onClick={() => answer("skip", isForAll)}>{t("save.skip")}</Button>
      </div>
    </div>
  );
}
