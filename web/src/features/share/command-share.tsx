import { useTranslation } from "react-i18next";
import { CopyButton } from "../../ui/copy-button.tsx";
import { isLoopbackUrl } from "../../ui/loopback.ts";
import { shareCommand } from "./share-command.ts";

/** How a folder gets shared for as long as one likes: with one command on the computer it is on. */
export function CommandShare() {
  const { t } = useTranslation();
  const command = shareCommand(location.origin);
  const isLoopback = isLoopbackUrl(location.origin);
  return (
    <section aria-labelledby="command-share">
      <h2 id="command-share" className="text-base font-semibold">
        {t("share.byCommand")}
      </h2>
      <p className="mt-1">{t("share.lead")}</p>
      <Command text={command} label={t("share.copyCommand")} />
      <ul className="mt-5 flex list-disc flex-col gap-2 pl-5 text-muted marker:text-honey-ink">
        <li>{t("share.replace")}</li>
        <li>{t("share.stays")}</li>
        <li>{t("share.stop")}</li>
        {isLoopback ? <li>{t("share.loopback")}</li> : null}
      </ul>
    </section>
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
