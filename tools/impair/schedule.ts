/** Items that were taken and still fill the list, at most. */
const MAX_TAKEN = 1024;

/**
 * Items with the time that each is due: the earliest first, equal ones in
 * order.
 */
export class Schedule<T> {
  /** In order of time, from `#head` on; most come at the end. */
  readonly #items: { due: number; item: T }[] = [];
  #head = 0;

  get size(): number {
    return this.#items.length - this.#head;
  }

  add(due: number, item: T): void {
    const items = this.#items;
    let at = items.length;
    while (at > this.#head && items[at - 1].due > due) at--;
    if (at === items.length) items.push({ due, item });
    else items.splice(at, 0, { due, item });
  }

  /** Takes out the items due at `now` or before, one after the other. */
  *takeDue(now: number): Generator<T> {
    const items = this.#items;
    while (this.#head < items.length && items[this.#head].due <= now) {
      yield items[this.#head++].item;
    }
    if (this.#head < MAX_TAKEN && this.#head < items.length) return;
    items.splice(0, this.#head);
    this.#head = 0;
  }
}
