/**
 * Eight colours that colour-blind people can tell apart (Okabe and Ito), black last, since it needs a light twin in the
 * dark. Peers get them in the order in which they joined.
 */
const OKABE_ITO = [
  "#e69f00",
  "#56b4e9",
  "#009e73",
  "#f0e442",
  "#0072b2",
  "#d55e00",
  "#cc79a7",
  "var(--peer-8)",
] as const;

/** As CSS: the eighth is a variable of the theme. */
export function peerColour(sourceIndex: number): string {
  return OKABE_ITO[sourceIndex % OKABE_ITO.length]!;
}
