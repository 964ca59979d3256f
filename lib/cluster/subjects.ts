/**
 * The subjects of a cluster: who is here and has how much,
 * what each node is asked, and both
 * ways of each feed.
 */
export class Subjects {
  readonly #prefix: string;

  /** @param cluster its name: letters, digits, `-` and `_`. */
  constructor(cluster: string) {
    this.#prefix = `pointwire.${cluster}`;
  }

  get announcements(): string {
    return `${this.#prefix}.here`;
  }

  get counts(): string {
    return `${this.#prefix}.counts`;
  }

  calls(instance: string): string {
    return `${this.#prefix}.node.${instance}`;
  }

  files(instance: string): string {
    return `${this.#prefix}.files.${instance}`;
  }

  posts(instance: string): string {
    return `${this.#prefix}.posts.${instance}`;
  }

  feed(link: string): string {
    return `${this.#prefix}.feed.${link}`;
  }

  back(link: string): string {
    return `${this.#prefix}.back.${link}`;
  }
}
