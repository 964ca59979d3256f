/** What a listener can be taken off by, as werift has it. */
export interface Subscription {
  unSubscribe(): void;
}

/** werift's Event. */
export interface Subscribable<A extends unknown[]> {
  subscribe(listener: (...args: A) => void): Subscription;
}
