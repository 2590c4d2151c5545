import { PanalError } from "@panal/sdk";
import { type ByteRange, rangeHeader } from "@panal/sdk/content";

/** Bytes from `range.start` on: at most the range, and less when the answer ends sooner. */
export async function fetchPart(url: string, range: ByteRange, signal: AbortSignal): Promise<Uint8Array> {
  const answer = await fetch(url, { headers: { range: rangeHeader(range) }, signal });
  if (answer.status !== 206) {
    await answer.body?.cancel();
    throw new PanalError("unreachable", `the bytes can't be had: status ${answer.status}`);
  }
  const wanted = range.end - range.start;
  const announced = Number(answer.headers.get("content-length") ?? Number.NaN);
  if (!(announced > 0 && announced <= wanted)) {
    await answer.body?.cancel();
    throw new PanalError("protocol", `${announced} bytes instead of at most ${wanted}`);
  }
  return new Uint8Array(await answer.arrayBuffer());
}
