/** The tokens that the user has given, kept for this tab. */

/** What a token is for. */
export type Purpose = "watch" | "publish";

/** Asks the user. */
export interface AskForToken {
  /**
   * @param wrong what is wrong with the last one, a sentence; none where there is none.
   * @returns the token; nothing where the user gives none.
   */
  ask(purpose: Purpose, wrong: string | undefined): Promise<string | undefined>;
}

/** Where they are kept, such as `sessionStorage`. */
type Store = Pick<Storage, "getItem" | "setItem">;

/** The tokens of this tab: one may be good for all, or there is one for each purpose. */
export class Tokens {
  readonly #user: AskForToken;
  readonly #store: Store;
  readonly #asking = new Map<Purpose, Promise<string | undefined>>();
  #declinesToWatch = false;

  constructor(user: AskForToken, store: Store) {
    this.#user = user;
    this.#store = store;
  }

  /** The token to send; another purpose's may do where it has none of its own. */
  get(purpose: Purpose): string | undefined {
    const other = purpose === "watch" ? "publish" : "watch";
    return this.#store.getItem(keyOf(purpose)) ??
      this.#store.getItem(keyOf(other)) ?? undefined;
  }

  /**
   * Asks for a token, once for all who want one at a time. To watch is tried again
   * and again, so that who gave none is not asked again; to publish is a wish.
   *
   * @param refused the one that was not accepted; where another was given since, it
   * is that one.
   * @param wrong why it was not, a sentence.
   */
  replace(
    purpose: Purpose,
    refused: string | undefined,
    wrong: string,
  ): Promise<string | undefined> {
    const now = this.get(purpose);
    if (now !== undefined && now !== refused) return Promise.resolve(now);
    if (purpose === "watch" && this.#declinesToWatch) {
      return Promise.resolve(undefined);
    }
    let asking = this.#asking.get(purpose);
    if (asking === undefined) {
      asking = this.#ask(purpose, refused, wrong)
        .finally(() => this.#asking.delete(purpose));
      this.#asking.set(purpose, asking);
    }
    return asking;
  }

  async #ask(
    purpose: Purpose,
    refused: string | undefined,
    wrong: string,
  ): Promise<string | undefined> {
    // One question at a time, and the answer to another may do for this one.
    await Promise.all(this.#asking.values());
    const now = this.get(purpose);
    if (now !== undefined && now !== refused) return now;
    const token = await this.#user.ask(
      purpose,
      refused === undefined ? undefined : wrong,
    );
    if (token !== undefined) this.#store.setItem(keyOf(purpose), token);
    else if (purpose === "watch") this.#declinesToWatch = true;
    return token;
  }
}

function keyOf(purpose: Purpose): string {
  return `pointwire-${purpose}-token`;
}
