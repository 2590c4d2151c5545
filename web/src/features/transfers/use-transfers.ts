import type { FileId } from "@panal/sdk/content";
import { createContext, use, useSyncExternalStore } from "react";
import type { Transfer } from "./transfer-state.ts";
import type { TransfersState, TransfersStore } from "./transfers-store.ts";

export const TransfersContext = createContext<TransfersStore | undefined>(undefined);

export function useTransfersStore(): TransfersStore {
  const store = use(TransfersContext);
  if (store === undefined) throw new Error("no TransfersContext around this component");
  return store;
}

export function useTransfersState(): TransfersState {
  const store = useTransfersStore();
  return useSyncExternalStore(store.subscribe, store.state);
}

export function useTransfer(fileId: FileId): Transfer | undefined {
  const store = useTransfersStore();
  return useSyncExternalStore(store.subscribe, () => store.state().transfers.get(fileId));
}
