/** The tokens that the user has given, kept for this tab. */

/** What a token is for. */
export type Purpose = "watch" | "publish";

/** Asks the user. */
export interface AskForToken {
  /**
   * @param wrong what is wrong with the last one, a sentence; undefined for the
   * first.
   * @returns the token; undefined where the user gives none.
   */
  ask(purpose: Purpose, wrong: string | undefined): Promise<string | undefined>;
}

/** Where tokens are kept, such as `sessionStorage`. */
type Store = Pick<Storage, "getItem" | "setItem">;

/** The tokens of this tab: one for all, or one for each purpose. */
export class Tokens {
  readonly #user: AskForToken;
  readonly #store: Store;
  readonly #asking = new Map<Purpose, Promise<string | undefined>>();
  #declinesToWatch = false;

  constructor(user: AskForToken, store: Store) {
    this.#user = user;
    this.#store = store;
  }

  /** The token to send; another purpose's where this one has none. */
  get(purpose: Purpose): string | undefined {
    const other = purpose === "watch" ? "publish" : "watch";
    return this.#store.getItem(keyOf(purpose)) ??
      this.#store.getItem(keyOf(other)) ?? undefined;
  }

  /**
   * Asks for a token, once for all requests of a time. The page tries to watch
   * again and again, so that a user who gave none isn't asked again; to publish
   * is a wish of the user's.
   *
   * @param refused the one that was not accepted; where the user gave another
   * since, the result is that one.
   * @param wrong why it was not accepted, a sentence.
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
