/** The command that shares a folder at this tracker. */
export function shareCommand(trackerUrl: string): string {
  return `npx peer-node share FOLDER --tracker ${trackerUrl}`;
}
