interface AskingHandle extends FileSystemHandle {
  requestPermission?(options: { mode: PermissionMode }): Promise<PermissionState>;
}

type PermissionMode = "read" | "readwrite";

/** Asks for what a reload took away; to be called from a click. */
export async function mayUse(handle: AskingHandle, mode: PermissionMode): Promise<boolean> {
  try {
    return (await (handle.requestPermission?.({ mode }) ?? "granted")) === "granted";
  } catch {
    return false;
  }
}
