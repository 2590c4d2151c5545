import { randomFillSync } from "node:crypto";
import { open } from "node:fs/promises";

/** Of the picture on each page, in pixels of one byte. */
const SIDE = 1024;

/** What a script in a PDF would do, if anything ran it. */
const SCRIPT = "app.alert(1); globalThis.owned = 1;";

/**
 * Writes a PDF with a line of text and a noisy picture of 1 MiB on each page, a script that wants to run when it is opened,
 * and a link. What tells where everything is stands at the end, as in most.
 */
export async function writePdf(path: string, pageCount: number): Promise<void> {
  const file = await open(path, "w");
  const offsets: number[] = [];
  let at = 0;
  const write = async (bytes: string | Buffer) => {
    const buffer = typeof bytes === "string" ? Buffer.from(bytes, "latin1") : bytes;
    await file.writeFile(buffer);
    at += buffer.length;
  };
  const object = async (id: number, ...parts: (string | Buffer)[]) => {
    offsets[id] = at;
    await write(`${id} 0 obj\n`);
    for (const part of parts) await write(part);
    await write("\nendobj\n");
  };
  const stream = (dictionary: string, bytes: Buffer) =>
    [`<< ${dictionary} /Length ${bytes.length} >>\nstream\n`, bytes, "\nendstream"] as const;
  try {
    await write("%PDF-1.7\n%\xe2\xe3\xcf\xd3\n");
    const pageIds = Array.from({ length: pageCount }, (_, index) => 10 + index * 3);
    await object(1, "<< /Type /Catalog /Pages 2 0 R /OpenAction 4 0 R >>");
    await object(
      2,
      `<< /Type /Pages /Count ${pageCount} /Kids [${pageIds.map((id) => `${id} 0 R`).join(" ")}] >>`,
    );
    await object(3, "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>");
    await object(4, `<< /S /JavaScript /JS (${SCRIPT.replaceAll(/[()]/g, String.raw`\$&`)}) >>`);
    await object(5, "<< /Type /Annot /Subtype /Link /Rect [0 0 612 792] /A 4 0 R >>");
    for (const [index, id] of pageIds.entries()) {
      const content = `BT /F 36 Tf 72 700 Td (Comb number ${index + 1}) Tj ET q 300 0 0 300 72 300 cm /I Do Q`;
      await object(id + 1, ...stream("", Buffer.from(content)));
      const picture = randomFillSync(Buffer.alloc(SIDE * SIDE));
      const looks = `/Type /XObject /Subtype /Image /Width ${SIDE} /Height ${SIDE} /ColorSpace /DeviceGray /BitsPerComponent 8`;
      await object(id + 2, ...stream(looks, picture));
    }
    for (const id of pageIds) {
      await object(
        id,
        `<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents ${id + 1} 0 R /Annots [5 0 R]`,
        ` /Resources << /Font << /F 3 0 R >> /XObject << /I ${id + 2} 0 R >> >> >>`,
      );
    }
    const tableAt = at;
    const count = 10 + pageCount * 3;
    const entries = Array.from({ length: count }, (_, id) => {
      const offset = offsets[id];
      return offset === undefined
        ? "0000000000 65535 f \n"
        : `${String(offset).padStart(10, "0")} 00000 n \n`;
    });
    await write(`xref\n0 ${count}\n${entries.join("")}`);
    await write(`trailer\n<< /Size ${count} /Root 1 0 R >>\nstartxref\n${tableAt}\n%%EOF\n`);
  } finally {
    await file.close();
  }
}
