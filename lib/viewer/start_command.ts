/** The command that starts a client of this very server. */
import { isLoopback } from "../transport/ice/ip_address.ts";
import type { AuthorizedFetch } from "./authorized_fetch.ts";
import { byId, setText } from "./elements.ts";
import { type ClientStart, clientStart } from "./client_start.ts";

/** How long the button says what it did, milliseconds. */
const SAID_MS = 2_000;

/**
 * Writes the command into the page, and has its button copy it. A page that was
 * opened by `localhost` asks the server for addresses that say more.
 */
export async function setUpStartCommand(
  { origin, hostname }: Pick<Location, "origin" | "hostname">,
  fetch: AuthorizedFetch,
): Promise<void> {
  const code = byId("help-command", HTMLElement);
  const copy = byId("copy", HTMLButtonElement);
  copy.addEventListener("click", async () => {
    setText(copy, await copyText(code));
    setTimeout(() => setText(copy, "Copy"), SAID_MS);
  });
  if (!isLoopback(hostname)) return show(clientStart(origin, [origin]));
  show(clientStart(origin, []));
  show(clientStart(origin, await addressesOf(fetch)));
}

function show({ how, command, others }: ClientStart): void {
  setText(byId("start-how", HTMLElement), how);
  // An element for each argument: a line breaks between them.
  byId("help-command", HTMLElement).replaceChildren(
    ...command.split(" ").flatMap((argument, i) => {
      const part = document.createElement("span");
      part.textContent = argument;
      return i === 0 ? [part] : [" ", part];
    }),
  );
  const hint = byId("start-others", HTMLElement);
  hint.hidden = others === "";
  setText(hint, others);
}

/** The server's URLs for other machines; none where it names none. */
async function addressesOf(fetch: AuthorizedFetch): Promise<string[]> {
  try {
    const response = await fetch("/addresses", { cache: "no-store" });
    return response.ok ? await response.json() : [];
  } catch {
    // The server is gone; the page says so elsewhere.
    return [];
  }
}

/** Copies an element's text, or selects it. @returns which, in a word. */
async function copyText(element: Element): Promise<string> {
  try {
    await navigator.clipboard.writeText(element.textContent ?? "");
    return "Copied";
  } catch {
    // Browsers give the clipboard on https and localhost alone.
    getSelection()?.selectAllChildren(element);
    return "Selected";
  }
}
