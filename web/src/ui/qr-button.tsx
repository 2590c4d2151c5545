import { QrCode } from "lucide-react";
import { type ButtonHTMLAttributes, lazy, Suspense, useState } from "react";
import { useTranslation } from "react-i18next";
import { IconButton } from "./button.tsx";

/** Undefined when its script can't be had: then the button does nothing, and the link can be copied. */
const loadPopover = () => import("./qr-popover.tsx").catch(() => undefined);
const QrPopover = lazy(async () => ({ default: (await loadPopover())?.QrPopover ?? Undrawable }));

/** Shows a link as a QR code, for the phone next to this screen; how to draw one is fetched when somebody wants it. */
export function QrButton({ text }: { text: string }) {
  const [isWanted, setWanted] = useState(false);
  const trigger = (
    <QrTrigger
      aria-haspopup="dialog"
      onClick={() => setWanted(true)}
      onFocus={() => void loadPopover()}
      onPointerEnter={() => void loadPopover()}
    />
  );
  if (!isWanted) return trigger;
  return (
    <Suspense fallback={trigger}>
      <QrPopover text={text} />
    </Suspense>
  );
}

function Undrawable(_props: { text: string }) {
  return <QrTrigger />;
}

/** The button itself, also where the popover hangs on it. */
export function QrTrigger(props: ButtonHTMLAttributes<HTMLButtonElement>) {
  const { t } = useTranslation();
  return <IconButton label={t("qr.show")} icon={<QrCode />} {...props} />;
}
