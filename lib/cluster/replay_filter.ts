import type { FromExport } from "../hosting/feed_carrier.ts";

/** Packets that a session's node keeps for those who join, and then some. */
const MAX_BEHIND = 4_096;

/**
 * Leaves out of a feed that is joined again what was there the last time: its
 * tracks, the newest frame of each stream, and packets since a keyframe.
 */
export class ReplayFilter {
  #hasTracks = false;
  readonly #frames = new Map<string, number>();
  readonly #packets = new Map<number, number>();

  isNew(message: FromExport): boolean {
    switch (message.type) {
      case "tracks": {
        const isFirst = !this.#hasTracks;
        this.#hasTracks = true;
        return isFirst;
      }
      case "frame": {
        const { stream, number } = message.frame;
        if (this.#frames.get(stream) === number) return false;
        this.#frames.set(stream, number);
        return true;
      }
      case "packet": {
        const { track, packet: { sequenceNumber } } = message;
        const last = this.#packets.get(track);
        // Sequence numbers wrap (RFC 3550 section 5.1).
        const behind = last === undefined
          ? MAX_BEHIND
          : (last - sequenceNumber) & 0xffff;
        if (behind < MAX_BEHIND) return false;
        this.#packets.set(track, sequenceNumber);
        return true;
      }
      default:
        return true;
    }
  }
}
