import { displayName, type FileId } from "@panal/sdk/content";
import { useTranslation } from "react-i18next";
import { CopyButton } from "../../ui/copy-button.tsx";

const SHOWN_NAMES = 5;

/** What else the file is called, and the id that it has under any name. */
export function FileNames({ names, fileId }: { names: readonly string[]; fileId: FileId }) {
  const { t } = useTranslation();
  return (
    <section className="mt-6 flex flex-col gap-4">
      {names.length === 0 ? null : (
        <div>
          <h2 className="mb-1 text-xs font-medium text-muted">{t("file.names")}</h2>
          <ul>
            {names.slice(0, SHOWN_NAMES).map((name) => (
              <li key={name} className="wrap-anywhere">
                <bdi>{displayName(name)}</bdi>
              </li>
            ))}
          </ul>
        </div>
      )}
      <div>
        <h2 className="text-xs font-medium text-muted">{t("file.id")}</h2>
        <div className="flex items-center gap-1">
          <code className="min-w-0 flex-1 truncate font-mono text-xs text-muted" title={fileId}>
            {fileId}
          </code>
          <CopyButton iconOnly text={fileId} label={t("file.copyId")} />
        </div>
      </div>
    </section>
  );
}
