import { type DBSchema, type IDBPDatabase, openDB } from "idb";

/** A file of what somebody picked, by which it is known again. */
export interface KeptUploadFile {
  /** Within what was picked; of a single file, its name. */
  readonly path: string;
  readonly size: number;
  /** Milliseconds since 1970. */
  readonly modifiedMs: number;
  /** The page has kept a copy. */
  readonly file?: File;
}

/** Something a page sends to a peer, or was given to send; as long as it isn't through. */
export interface KeptUpload {
  readonly id: string;
  /** Undefined: nobody has said yet to whom. */
  readonly peerId: string | undefined;
  readonly name: string;
  readonly kind: "file" | "folder";
  /** Where the browser can keep it; needs a new permission after a reload. */
  readonly handle?: FileSystemFileHandle | FileSystemDirectoryHandle;
  /** Else what to ask for. */
  readonly files: readonly KeptUploadFile[];
}

interface UploadsSchema extends DBSchema {
  uploads: { key: string; value: KeptUpload };
}

async function withDatabase<T>(use: (db: IDBPDatabase<UploadsSchema>) => Promise<T>): Promise<T> {
  const db = await openDB<UploadsSchema>("panal-uploads", 1, {
    upgrade(created) {
      created.createObjectStore("uploads", { keyPath: "id" });
    },
  });
  try {
    return await use(db);
  } finally {
    db.close();
  }
}

/** What earlier pages haven't finished, in no order, and what the share sheet of a phone has brought. Throws where the browser keeps nothing. */
export function listKeptUploads(): Promise<KeptUpload[]> {
  return withDatabase((db) => db.getAll("uploads"));
}

export function keepUpload(upload: KeptUpload): Promise<void> {
  return withDatabase(async (db) => void (await db.put("uploads", upload)));
}

export function forgetUpload(id: string): Promise<void> {
  return withDatabase((db) => db.delete("uploads", id));
}
