import { baseName, displayName } from "@panal/sdk/content";
import { useTranslation } from "react-i18next";
import type { Reader } from "../../sharing/readers.ts";
import type { SharingState } from "../../sharing/sharing-api.ts";
import { useFormats } from "../../ui/use-formats.ts";

/** Who is reading what, and how much went out. */
export function ReaderRows({ sharing }: { sharing: SharingState }) {
  const { t } = useTranslation();
  const formats = useFormats();
  const { readers, sentBytes, bytesPerSecond } = sharing;
  return (
    <div>
      <h3 className="font-semibold">{t("share.readers")}</h3>
      <p data-testid="share-sent" data-bytes={sentBytes} className="text-sm text-muted tabular">
        {t("share.sent", { size: formats.bytes(sentBytes), speed: formats.speed(bytesPerSecond) })}
      </p>
      {readers.length === 0 ? (
        <p className="mt-1 text-sm text-muted">{t("share.noReaders")}</p>
      ) : (
        <ul className="mt-2 flex flex-col divide-y divide-line border-y border-line">
          {readers.map((reader) => (
            <ReaderRow key={reader.key} reader={reader} />
          ))}
        </ul>
      )}
    </div>
  );
}

function ReaderRow({ reader: { client, path, sentBytes, bytesPerSecond } }: { reader: Reader }) {
  const { t } = useTranslation();
  const formats = useFormats();
  return (
    <li
      data-testid="share-reader"
      className="flex flex-wrap items-baseline justify-between gap-x-4 py-2 text-sm"
    >
      <span className="min-w-0 wrap-anywhere">
        {client === "" ? t("share.someone") : client}
        {": "}
        <bdi>{displayName(baseName(path))}</bdi>
      </span>
      <span className="text-muted tabular">
        {formats.bytes(sentBytes)}, {formats.speed(bytesPerSecond)}
      </span>
    </li>
  );
}
