/** What an RTP packet is there for. */
export type RtpPurpose = "video" | "audio" | "repair";

/** RTP packets of one purpose, and their bytes: headers and tags included. */
export interface RtpCounters {
  packets: number;
  bytes: number;
  /** Packets with the marker bit: of video the last one of each frame. */
  marked: number;
}

export type RtpCounts = Record<RtpPurpose, RtpCounters>;

/** Streams that are told apart; of others repetitions aren't seen. */
const MAX_STREAMS = 64;
/** RTCP's packet types, in the byte where RTP has its payload type. */
const RTCP_TYPES = { first: 192, last: 223 };
const HEADER_BYTES = 12;

/**
 * Counts the RTP of one direction: the headers are in the clear. What is sent
 * again, in a stream of its own (RFC 4588) or as it was, is repair.
 */
export class RtpTally {
  readonly counts: RtpCounts = {
    video: { packets: 0, bytes: 0, marked: 0 },
    audio: { packets: 0, bytes: 0, marked: 0 },
    repair: { packets: 0, bytes: 0, marked: 0 },
  };
  readonly #purposes = new Map<number, RtpPurpose>();
  readonly #streams = new Map<number, SeenNumbers>();

  /** Learns from a session description what the payload types are. */
  learn(sdp: string): void {
    let kind = "";
    for (const line of sdp.split(/\r?\n/)) {
      kind = /^m=(\w+)/.exec(line)?.[1] ?? kind;
      const [, type, codec] = /^a=rtpmap:(\d+) ([\w-]+)\//.exec(line) ?? [];
      if (codec === undefined || (kind !== "video" && kind !== "audio")) {
        continue;
      }
      const isRepair = codec.toLowerCase() === "rtx";
      this.#purposes.set(Number(type), isRepair ? "repair" : kind);
    }
  }

  /** Counts a datagram, where it is RTP of a known payload type. */
  take(data: Uint8Array): void {
    if (data.length < HEADER_BYTES || data[0] >> 6 !== 2) return;
    if (data[1] >= RTCP_TYPES.first && data[1] <= RTCP_TYPES.last) return;
    const purpose = this.#purposes.get(data[1] & 0x7f);
    if (purpose === undefined) return;
    const { buffer, byteOffset } = data;
    const view = new DataView(buffer, byteOffset, HEADER_BYTES);
    const isNew = this.#seen(view.getUint32(8))?.add(view.getUint16(2)) ?? true;
    const counters = this.counts[isNew ? purpose : "repair"];
    counters.packets++;
    counters.bytes += data.length;
    if (data[1] & 0x80) counters.marked++;
  }

  #seen(ssrc: number): SeenNumbers | undefined {
    let seen = this.#streams.get(ssrc);
    if (seen === undefined && this.#streams.size < MAX_STREAMS) {
      seen = new SeenNumbers();
      this.#streams.set(ssrc, seen);
    }
    return seen;
  }
}

const NUMBERS = 2 ** 16;

/** The sequence numbers of one stream in the last half of their circle. */
class SeenNumbers {
  readonly #seen = new Uint8Array(NUMBERS);
  #newest = -1;

  /** Adds a number; tells whether it is there for the first time. */
  add(number: number): boolean {
    if (this.#newest < 0) this.#newest = number;
    const ahead = (number - this.#newest) & (NUMBERS - 1);
    if (ahead > 0 && ahead < NUMBERS / 2) {
      // What is left behind by half a circle makes room.
      for (let i = 1; i <= ahead; i++) {
        this.#seen[(this.#newest + i + NUMBERS / 2) & (NUMBERS - 1)] = 0;
      }
      this.#newest = number;
    }
    const isNew = this.#seen[number] === 0;
    this.#seen[number] = 1;
    return isNew;
  }
}
