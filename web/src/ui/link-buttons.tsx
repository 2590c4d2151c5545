import { Link } from "lucide-react";
import { CopyButton } from "./copy-button.tsx";
import { QrButton } from "./qr-button.tsx";

/** A page of the app for somebody else: copied, or as a QR code. */
export function LinkButtons({ path, label }: { path: string; label: string }) {
  const link = location.origin + path;
  return (
    <span className="flex shrink-0">
      <CopyButton iconOnly text={link} label={label} icon={<Link />} />
      <QrButton text={link} />
    </span>
  );
}
