/** The bytes of a recording, as the server has it. */
import type { AuthorizedFetch } from "./authorized_fetch.ts";
import { readProblem } from "./exchange.ts";

/** Reads ranges of one file. */
export class RecordingBytes implements Disposable {
  readonly #url: string;
  readonly #fetch: AuthorizedFetch;
  #wanted = new AbortController();

  constructor(name: string, fetch: AuthorizedFetch) {
    this.#url = `/recordings/${encodeURIComponent(name)}`;
    this.#fetch = fetch;
  }

  /**
   * Tells how many bytes there are.
   *
   * @throws {Error} in the server's words where it has no such file.
   */
  async size(): Promise<number> {
    const response = await this.#get(0, 1);
    await response.body?.cancel();
    const total = response.headers.get("content-range")?.split("/").at(-1);
    return Number(total);
  }

  /** Reads some bytes. */
  async read(
    offset: number,
    length: number,
  ): Promise<Uint8Array<ArrayBuffer>> {
    return await (await this.#get(offset, length)).bytes();
  }

  /** Ends what is being read. */
  cancel(): void {
    this.#wanted.abort();
    this.#wanted = new AbortController();
  }

  [Symbol.dispose](): void {
    this.#wanted.abort();
  }

  async #get(offset: number, length: number): Promise<Response> {
    const response = await this.#fetch(this.#url, {
      headers: { range: `bytes=${offset}-${offset + length - 1}` },
      cache: "no-store",
      signal: this.#wanted.signal,
    });
    if (response.status === 206) return response;
    if (!response.ok) throw new Error(await readProblem(response));
    await response.body?.cancel();
    throw new Error("The server gives no ranges of it");
  }
}
