import { Popover } from "@base-ui/react/popover";
import { QrCode } from "lucide-react";
import { useTranslation } from "react-i18next";
import { encode } from "uqr";
import { IconButton } from "../../ui/button.tsx";
import { isLoopbackUrl } from "./loopback.ts";

/** Shows a text as a QR code, for the phone next to this screen. */
export function QrButton({ text }: { text: string }) {
  const { t } = useTranslation();
  return (
    <Popover.Root>
      <Popover.Trigger render={<IconButton label={t("file.showQr")} icon={<QrCode />} />} />
      <Popover.Portal>
        <Popover.Positioner sideOffset={6} className="z-50">
          <Popover.Popup className="motion-rise flex w-60 flex-col gap-3 rounded-2xl border border-line bg-raised p-4 text-center shadow-sheet">
            <QrImage text={text} />
            <Popover.Description className="text-xs text-muted">
              {t(isLoopbackUrl(text) ? "file.qrLoopback" : "file.qrHint")}
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
