import { displayName } from "@panal/sdk";

/** Of what comes from outside, in one field of a line. */
const MAX_TEXT_LENGTH = 500;

/** A text from outside as it may be in a log: one line, nothing that moves a terminal's cursor, not endless. */
export function logText(text: string): string {
  return displayName(text.length > MAX_TEXT_LENGTH ? `${text.slice(0, MAX_TEXT_LENGTH)}...` : text);
}
