import { displayName } from "@panal/sdk/content";
import { useState } from "react";
import { useTranslation } from "react-i18next";

/** A picture, as large as there is room; a click shows it in its own size. */
export function PictureViewer({
  url,
  name,
  onUnplayable,
}: {
  url: string;
  name: string;
  onUnplayable(): void;
}) {
  const { t } = useTranslation();
  const [isFull, setFull] = useState(false);
  const label = displayName(name);
  return (
    <button
      type="button"
      aria-label={t(isFull ? "watch.fit" : "watch.fullSize", { name: label })}
      aria-pressed={isFull}
      onClick={() => setFull(!isFull)}
      className={`min-h-0 flex-1 overflow-auto bg-sunken -outline-offset-2 ${isFull ? "cursor-zoom-out" : "flex cursor-zoom-in items-center justify-center p-4"}`}
    >
      <img
        data-testid="picture"
        src={url}
        alt={label}
        decoding="async"
        onError={onUnplayable}
        className={isFull ? "m-auto max-w-none" : "max-h-full max-w-full object-contain"}
      />
    </button>
  );
}
