import type { Page } from "@playwright/test";

/** Gives a file to the page, as a person would drop or paste it. */
export function give(page: Page, type: "drop" | "paste", name: string, content: string): Promise<void> {
  return page.evaluate(
    ([event, file, text]) => {
      const data = new DataTransfer();
      data.items.add(new File([text!], file!, { lastModified: 1_700_000_000_000 }));
      const target = document.querySelector("main h1")!;
      target.dispatchEvent(
        event === "drop"
          ? new DragEvent("drop", { dataTransfer: data, bubbles: true, cancelable: true })
          : new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true }),
      );
    },
    [type, name, content],
  );
}
