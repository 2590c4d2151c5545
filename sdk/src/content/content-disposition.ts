import { safeFileName } from "./safe-path.ts";

/**
 * Content-Disposition for a name somebody chose (RFC 6266): an ASCII form for old clients, where nothing can end the
 * quotes, and the whole name in UTF-8 (RFC 8187). The name is made safe to save first.
 */
export function contentDisposition(type: "inline" | "attachment", name: string): string {
  const safe = safeFileName(name);
  const ascii = safe.replace(/[^\x20-\x7e]/g, "_").replace(/["\\%]/g, "_");
  const encoded = encodeURIComponent(safe).replace(
    /['()*]/g,
    (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`,
  );
  return ascii === safe
    ? `${type}; filename="${ascii}"`
    : `${type}; filename="${ascii}"; filename*=UTF-8''${encoded}`;
}
