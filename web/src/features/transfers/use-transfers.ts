import type { FileId } from "@panal/sdk/content";
import { createContext, use, useEffect, useState, useSyncExternalStore } from "react";
import type { Save, SavesStore } from "./saves-store.ts";
import type { SettingsKeeper, TransferSettings } from "./transfer-settings.ts";
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

export const SavesContext = createContext<SavesStore | undefined>(undefined);

export function useSavesStore(): SavesStore {
  const store = use(SavesContext);
  if (store === undefined) throw new Error("no SavesContext around this component");
  return store;
}

export function useSaves(): readonly Save[] {
  const store = useSavesStore();
  return useSyncExternalStore(store.subscribe, store.state);
}

/** Whether files can go straight into the browser's downloads; false until that is known. */
export function useCanStream(): boolean {
  const store = useSavesStore();
  const [can, setCan] = useState(false);
  useEffect(() => {
    let isWanted = true;
    void store.canStart().then((answer) => isWanted && setCan(answer));
    return () => {
      isWanted = false;
    };
  }, [store]);
  return can;
}

export const TransferSettingsContext = createContext<SettingsKeeper | undefined>(undefined);

export function useTransferSettings(): [TransferSettings, SettingsKeeper["change"]] {
  const keeper = use(TransferSettingsContext);
  if (keeper === undefined) throw new Error("no TransferSettingsContext around this component");
  return [useSyncExternalStore(keeper.subscribe, keeper.state), keeper.change];
}
