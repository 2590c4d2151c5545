import { useTranslation } from "react-i18next";
import { CopyButton } from "../../ui/copy-button.tsx";
import { LinkButtons } from "../../ui/link-buttons.tsx";
import { PageHeader } from "../../ui/page-header.tsx";
import { isLoopbackUrl } from "../../ui/loopback.ts";
import { shareCommand } from "./share-command.ts";

/** How a folder gets shared: with one command on the computer it is on. */
export function ShareView() {
  const { t } = useTranslation();
  const command = shareCommand(location.origin);
  const isLoopback = isLoopbackUrl(location.origin);
  return (
    <div className="flex min-h-0 flex-1 flex-col">
      <PageHeader title={t("share.title")}>
        <LinkButtons path="/" label={t("peers.copyTracker")} />
      </PageHeader>
      <div className="min-h-0 flex-1 overflow-y-auto px-4 py-6">
        <div className="max-w-xl">
          <p>{t("share.lead")}</p>
          <Command text={command} label={t("share.copyCommand")} />
          <ul className="mt-5 flex list-disc flex-col gap-2 pl-5 text-muted marker:text-honey-ink">
            <li>{t("share.replace")}</li>
            <li>{t("share.stays")}</li>
            <li>{t("share.stop")}</li>
            {isLoopback ? <li>{t("share.loopback")}</li> : null}
          </ul>
        </div>
      </div>
    </div>
  );
}

function Command({ text, label }: { text: string; label: string }) {
  return (
    <div className="mt-4 flex flex-col gap-3 rounded-xl border border-line bg-sunken p-4">
      <code className="font-mono text-sm wrap-anywhere select-all">
        {text.split(" ").map((word, index) => (
          // A break after the hyphens of an option would make two words of it.
          <span key={word}>
            {index === 0 ? "" : " "}
            <span className="inline-block max-w-full">{word}</span>
          </span>
        ))}
      </code>
      <div>
        <CopyButton text={text} label={label} look="primary" />
      </div>
    </div>
  );
}
