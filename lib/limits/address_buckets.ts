import { TokenBucket, type TokenBucketOptions } from "./token_bucket.ts";

/** Addresses that are remembered at most. */
const MAX_ADDRESSES = 10_000;

/**
 * A {@linkcode TokenBucket} for each address, for as many as are remembered.
 */
export class AddressBuckets {
  readonly #options: TokenBucketOptions;
  readonly #maxAddresses: number;
  /** The least recently used comes first. */
  readonly #buckets = new Map<string, TokenBucket>();

  /** @param maxAddresses one more, and the least recently used is forgotten. */
  constructor(options: TokenBucketOptions, maxAddresses = MAX_ADDRESSES) {
    this.#options = options;
    this.#maxAddresses = maxAddresses;
  }

  /** Number of addresses that are remembered. */
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
