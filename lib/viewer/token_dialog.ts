import { byId, setText } from "./elements.ts";
import type { AskForToken, Purpose } from "./tokens.ts";

const TITLES: Record<Purpose, string> = {
  watch: "A token is needed to watch",
  publish: "A token is needed to publish",
};

/** The page's dialog that asks for a token. */
export class TokenDialog implements AskForToken {
  readonly #dialog = byId("token-dialog", HTMLDialogElement);
  readonly #input = byId("token", HTMLInputElement);

  constructor() {
    byId("token-cancel", HTMLButtonElement)
      .addEventListener("click", () => this.#dialog.close());
  }

  ask(
    purpose: Purpose,
    wrong: string | undefined,
  ): Promise<string | undefined> {
    const dialog = this.#dialog;
    setText(byId("token-title", HTMLElement), TITLES[purpose]);
    const why = byId("token-why", HTMLElement);
    why.hidden = wrong === undefined;
    setText(why, wrong ?? "");
    this.#input.value = "";
    dialog.returnValue = "";
    dialog.showModal();
    return new Promise((resolve) => {
      dialog.addEventListener("close", () => {
        const token = this.#input.value.trim();
        this.#input.value = "";
        const isSent = dialog.returnValue === "send";
        resolve(isSent && token !== "" ? token : undefined);
      }, { once: true });
    });
  }
}
