import { Popover } from "@base-ui/react/popover";
import { useTranslation } from "react-i18next";
import { encode } from "uqr";
import { isLoopbackUrl } from "./loopback.ts";
import { QrTrigger } from "./qr-button.tsx";

/** The code, open when it comes, and the button it hangs on. */
export function QrPopover({ text }: { text: string }) {
  const { t } = useTranslation();
  return (
    <Popover.Root defaultOpen>
      <Popover.Trigger render={<QrTrigger />} />
      <Popover.Portal>
        <Popover.Positioner sideOffset={6} className="z-50">
          <Popover.Popup className="motion-rise flex w-60 flex-col gap-3 rounded-2xl border border-line bg-raised p-4 text-center shadow-sheet">
            <Popover.Title className="sr-only">{t("qr.title")}</Popover.Title>
            <QrImage text={text} />
            <Popover.Description className="text-xs text-muted">
              {t(isLoopbackUrl(text) ? "qr.loopback" : "qr.hint")}
            </Popover.Description>
          </Popover.Popup>
        </Popover.Positioner>
      </Popover.Portal>
    </Popover.Root>
  );
}

function QrImage({ text }: { text: string }) {
  const { data, size } = encode(text, { border: 2 });
  const path = data
    .flatMap((row, y) => row.flatMap((isDark, x) => (isDark ? `M${x} ${y}h1v1h-1z` : [])))
    .join("");
  return (
    // Black on white in both themes: readers want it so.
    <svg viewBox={`0 0 ${size} ${size}`} className="w-full rounded-lg bg-white" role="img" aria-label={text}>
      <path d={path} fill="#000" shapeRendering="crispEdges" />
    </svg>
  );
}
