import { TokenBucket, type TokenBucketOptions } from "./token_bucket.ts";

/** A {@linkcode TokenBucket} for each address, for as many as are remembered. */
export class AddressBuckets {
  readonly #options: TokenBucketOptions;
  readonly #maxAddresses: number;
  /** The one that was used last comes last. */
  readonly #buckets = new Map<string, TokenBucket>();

  /**
   * @param maxAddresses the one that was not heard of for the longest is
   * forgotten for another.
   */
  constructor(options: TokenBucketOptions, maxAddresses = 10_000) {
    this.#options = options;
    this.#maxAddresses = maxAddresses;
  }

  /** How many addresses are remembered. */
  get size(): number {
    return this.#buckets.size;
  }

  /** The bucket of an address. */
  of(key: string): TokenBucket {
    const bucket = this.#buckets.get(key) ?? new TokenBucket(this.#options);
    this.#buckets.delete(key);
    this.#buckets.set(key, bucket);
    if (this.#buckets.size > this.#maxAddresses) {
      const [oldest] = this.#buckets.keys();
      this.#buckets.delete(oldest);
    }
    return bucket;
  }
}
