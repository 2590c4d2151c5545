import type { AnchorHTMLAttributes } from "react";
import { navigate } from "wouter/use-browser-location";
import { onPlainClick } from "./file-link.tsx";

/** A link within the app. */
export function AppLink({
  href,
  children,
  ...rest
}: AnchorHTMLAttributes<HTMLAnchorElement> & { href: string }) {
  return (
    <a href={href} onClick={(event) => onPlainClick(event, () => navigate(href))} {...rest}>
      {children}
    </a>
  );
}
