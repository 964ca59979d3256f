/** The command that starts a client of this very server. */
import { byId, setText } from "./elements.ts";

/** How long the button says what it did, milliseconds. */
const SAID_MS = 2_000;

/** Writes the command into the page, and has its button copy it. */
export function setUpStartCommand(origin: string): void {
  const command = `deno task client --signaling ${origin}/offer ` +
    "--source lidar --duration 0";
  const code = byId("help-command", HTMLElement);
  // An element for each argument: a line breaks between them.
  code.replaceChildren(
    ...command.split(" ").flatMap((argument, i) => {
      const part = document.createElement("span");
      part.textContent = argument;
      return i === 0 ? [part] : [" ", part];
    }),
  );
  const copy = byId("copy", HTMLButtonElement);
  copy.addEventListener("click", async () => {
    setText(copy, await copyText(command, code));
    setTimeout(() => setText(copy, "Copy"), SAID_MS);
  });
}

/** Copies a text, or selects it. @returns what was done, in a word. */
async function copyText(text: string, element: Element): Promise<string> {
  try {
    await navigator.clipboard.writeText(text);
    return "Copied";
  } catch {
    // Browsers give the clipboard on https and localhost alone.
    getSelection()?.selectAllChildren(element);
    return "Selected";
  }
}
