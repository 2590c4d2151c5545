import { constants } from "node:fs";
import { access, realpath, stat } from "node:fs/promises";
import { PanalError } from "@panal/sdk";

/**
 * The folder that is shared, by its real path: everything below it is compared with that. Throws "not-found",
 * "no-permission" or "invalid" with a message that names it.
 */
export async function resolveShareRoot(folder: string): Promise<string> {
  try {
    const root = await realpath(folder);
    if (!(await stat(root)).isDirectory()) throw new PanalError("invalid", `${folder} is not a folder`);
    await access(root, constants.R_OK | constants.X_OK);
    return root;
  } catch (error) {
    const { code, message } = PanalError.from(error);
    if (code === "not-found") throw new PanalError(code, `there is no folder ${folder}`, { cause: error });
    if (code === "no-permission") {
      throw new PanalError(code, `the folder ${folder} can't be read`, { cause: error });
    }
    throw error instanceof PanalError ? error : new PanalError(code, message, { cause: error });
  }
}
