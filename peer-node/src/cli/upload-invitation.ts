import { renderUnicodeCompact } from "uqr";

/** How others may send files here. Only whoever sees this terminal has the code, and hands it out. */
export function uploadLines(
  { inbox, code }: { inbox: string; code: string | undefined },
  url: string,
): readonly string[] {
  const command = `peer-node upload FILE --to ${url}`;
  if (code === undefined)
    return [`Uploads: whoever reaches this peer may send files to ${inbox} (${command}).`];
  return [`Uploads go to ${inbox}, with the code ${code} (${command}).`];
}

/** The peer's page with the code, which stays in the browser: what follows "#" is never sent. */
export function uploadLink(peer: { trackerUrl: string; peerId: string; code: string }): string {
  const { trackerUrl, peerId, code } = peer;
  return `${trackerUrl.replace(/\/+$/, "")}/p/${encodeURIComponent(peerId)}#upload=${code}`;
}

/** A text as a QR code for a terminal, dark on light whatever its colours are. */
export function qrText(text: string): string {
  const lines = renderUnicodeCompact(text, { border: 2 }).split("\n");
  return lines.map((line) => `\u001b[30;107m${line}\u001b[0m`).join("\n");
}
