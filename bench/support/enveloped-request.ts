/** The enveloped DownloadFileRequest for a whole file, the same for Connect and gRPC. */
export function envelopedRequest(fileId: string): Uint8Array {
  const id = new TextEncoder().encode(fileId);
  return Uint8Array.from([0, 0, 0, 0, id.length + 2, 0x0a, id.length, ...id]);
}
