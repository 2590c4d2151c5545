import { PanalError } from "@panal/sdk";

const CTRL_C = "\u0003";
const CTRL_D = "\u0004";

/** Where a secret is typed. */
export interface SecretTerminal {
  readonly input: NodeJS.ReadStream;
  write(text: string): void;
}

/** Asks for something that isn't shown as it is typed. Throws "aborted" on Ctrl-C and Ctrl-D. */
export async function askSecret(question: string, { input, write }: SecretTerminal): Promise<string> {
  // First: what is typed before, or pasted, the terminal would show.
  input.setRawMode(true);
  write(question);
  input.setEncoding("utf8");
  input.resume();
  try {
    return await new Promise<string>((resolve, reject) => {
      let typed = "";
      const take = (text: string) => {
        for (const key of text) {
          if (key === "\r" || key === "\n") {
            input.off("data", take);
            return resolve(typed);
          }
          if (key === CTRL_C || key === CTRL_D) {
            input.off("data", take);
            return reject(new PanalError("aborted", "stopped"));
          }
          if (key === "\u007f" || key === "\b") typed = typed.slice(0, -1);
          else typed += key;
        }
        return undefined;
      };
      input.on("data", take);
    });
  } finally {
    input.setRawMode(false);
    input.pause();
    write("\n");
  }
}
