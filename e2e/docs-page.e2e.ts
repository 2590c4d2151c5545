import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { expect, test } from "@playwright/test";
import { createStage } from "./support/processes.ts";

const run = promisify(execFile);

test("/docs: find a route, fill it in, send it; the curl line does the same; nothing is asked of anybody else", async ({
  page,
}) => {
  const stage = await createStage();
  try {
    const tracker = await stage.startTracker();
    const errors: string[] = [];
    const hosts = new Set<string>();
    page.on("pageerror", (error) => errors.push(error.message));
    page.on("console", (message) => void (message.type() === "error" && errors.push(message.text())));
    page.on("request", (request) => hosts.add(new URL(request.url()).origin));
    await page.goto(`${tracker.url}/docs`);

    await page.locator("#filter").fill("/register");
    const operation = page.locator("details.operation:visible");
    await expect(operation).toHaveCount(1);
    await operation.locator("summary").first().click();
    await operation.locator("textarea").fill(`{"port": 49152, "files": ["it's.txt"]}`);
    await operation.getByRole("button", { name: "Send" }).click();
    await expect(operation.locator(".answer")).toContainText(/^201 [^]*"peerId": /);

    await page.locator("#filter").fill("/search/{filename}");
    await operation.locator("summary").first().click();
    await operation.locator("input[name=filename]").fill("it's.txt");
    await operation.getByRole("button", { name: "Send" }).click();
    await expect(operation.locator(".answer")).toContainText(/^200 [^]*"port": 49152/);
    const line = (await operation.locator(".curl").textContent()) ?? "";
    expect(line).toMatch(/^curl -i '/);
    expect((await run("sh", ["-c", `${line} --silent`])).stdout).toMatch(/^HTTP\/1.1 200 [^]*"port":49152/);

    expect([...hosts]).toEqual([tracker.url]);
    expect(errors).toEqual([]);
  } finally {
    await stage.close();
  }
});
