// What other views need of picking files.

export { ChooseButton } from "./choose-button.tsx";
export { hasPickers, newId, rootOfHandle, rootsOfDrop } from "./pick-roots.ts";
export { useFileDrop } from "./use-file-drop.ts";
