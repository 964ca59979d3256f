import { offerUrl } from "./post_offer.ts";

/** Most servers that are kept besides the first. */
const MAX_OTHERS = 8;

/**
 * Where a publisher posts its offers: to the server that it was given, or to
 * the other nodes of that one's cluster, each named by the one before.
 */
export class Servers {
  readonly #first: string;
  #current: string;
  /** Those to ask after the current one, in turn. */
  #others: string[] = [];

  /** @param first the URL that takes offers. */
  constructor(first: string) {
    this.#first = first;
    this.#current = first;
  }

  /** The URL to post the next offer to. */
  get current(): string {
    return this.#current;
  }

  /**
   * Takes the nodes that the current one names. Who asks by TLS is sent nowhere
   * without it.
   */
  learn(nodes: readonly string[]): void {
    const { protocol } = new URL(this.#first);
    const named = nodes.filter((node) => {
      const url = URL.parse(node);
      return url?.protocol === "https:" || url?.protocol === protocol;
    });
    const all = new Set([...named.map(offerUrl), this.#first]);
    all.delete(this.#current);
    this.#others = [...all].slice(-MAX_OTHERS);
  }

  /** Has the next one be asked, where there is one. */
  passOver(): void {
    const [next, ...others] = this.#others;
    if (next === undefined) return;
    this.#others = [...others, this.#current];
    this.#current = next;
  }
}
