// What other views need of the transfers.

export { urlOfKeptFile } from "./save-file.ts";
export { SaveFilesButton } from "./save-files-button.tsx";
export { SaveStraightButton } from "./save-straight-button.tsx";
export { SourceRows } from "./source-rows.tsx";
export { TransferActions } from "./transfer-actions.tsx";
export { TransferPanel } from "./transfer-panel.tsx";
export type { Transfer } from "./transfer-state.ts";
export { useCanStream, useTransfer, useTransfersState, useTransfersStore } from "./use-transfers.ts";
