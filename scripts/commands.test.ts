import { expect, it } from "vitest";
import { runCommand } from "./run-command.ts";

it.each(["peer-node", "panal-tracker"])("npx %s finds the command", async (command) => {
  const { exitCode, output } = await runCommand([command, "--help"]);
  expect(output).toContain(`Usage: ${command}`);
  expect(exitCode).toBe(0);
});
