/** A piece of an IP packet. */
export interface Fragment {
  /** What its packet's pieces have in common. */
  key: string;
  /** Bytes of the packet's content before it, a multiple of 8. */
  offset: number;
  /** Whether more of the packet follows. */
  hasMore: boolean;
  body: Uint8Array;
}

/** Most bytes of a packet's content. */
const MAX_BYTES = 65_535;
/** Packets that are incomplete at a time; the oldest is forgotten for more. */
const MAX_PACKETS = 32;
/** Fragments are cut at multiples of so many bytes (RFC 791, section 3.2). */
const UNIT = 8;

interface Incomplete {
  bytes: Uint8Array;
  /** Which units of it are here. */
  here: Uint8Array;
  unitsHere: number;
  /** Bytes of all, once the last piece came. */
  length?: number;
}

/** Puts packets together from their fragments, in bounded memory. */
export class FragmentStore {
  readonly #incomplete = new Map<string, Incomplete>();

  /** @returns the content of the packet that a fragment completes, if any. */
  add({ key, offset, hasMore, body }: Fragment): Uint8Array | undefined {
    const end = offset + body.length;
    if (end > MAX_BYTES || (hasMore && body.length % UNIT !== 0)) {
      return undefined;
    }
    const packet = this.#find(key);
    packet.bytes.set(body, offset);
    for (let unit = offset / UNIT; unit < end / UNIT; unit++) {
      packet.unitsHere += 1 - packet.here[unit];
      packet.here[unit] = 1;
    }
    if (!hasMore) packet.length = end;
    const { length, unitsHere, bytes } = packet;
    if (length === undefined || unitsHere < Math.ceil(length / UNIT)) {
      return undefined;
    }
    this.#incomplete.delete(key);
    return bytes.subarray(0, length);
  }

  #find(key: string): Incomplete {
    const known = this.#incomplete.get(key);
    if (known !== undefined) return known;
    if (this.#incomplete.size >= MAX_PACKETS) {
      const [oldest] = this.#incomplete.keys();
      this.#incomplete.delete(oldest);
    }
    const packet = {
      bytes: new Uint8Array(MAX_BYTES),
      here: new Uint8Array(Math.ceil(MAX_BYTES / UNIT)),
      unitsHere: 0,
    };
    this.#incomplete.set(key, packet);
    return packet;
  }
}
