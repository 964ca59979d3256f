import type { RtpPacketView } from "./rtp.ts";
import { sequenceDistance } from "./sequence.ts";

/** Takes what a {@linkcode PacketOrder} makes of the packets of a stream. */
export interface PacketSink {
  /** Takes the next packet in order. */
  packet(packet: RtpPacketView): void;
  /** Called where `count` packets are missing before the next one. */
  hole(count: number): void;
  /**
   * Called where the sender started again: what follows has no relation to what
   * came before.
   */
  restart(): void;
  /** Called for a packet that was there already. */
  duplicate(): void;
  /** Called for a packet whose sequence number fits to nothing. */
  stray(): void;
}

/** A packet that others came after. */
export interface MissingPacket {
  /** Its extended sequence number. */
  number: number;
  /** When it was found to be missing, as `push` was told the time. */
  since: number;
}

/** Packets that can be missing before it must be a restart: RFC 3550 A.1. */
const MAX_DROPOUT = 3_000;
/**
 * How old a packet can be and still be known as late, packets: more than any
 * window, as what was asked for may come long after it was given up.
 */
const HISTORY = 4_096;
/**
 * How far a late packet can be from the newest: 11 s of video, 21 s of audio.
 */
const LATE_TICKS = 2 ** 20;

/**
 * Puts the packets of one RTP stream in order, without copying them.
 *
 * Sequence numbers are extended as in RFC 3550 A.1: one that jumps far is
 * believed only when a second packet confirms it. It has no clock: a time is
 * whatever `push` is told, and `expire` gives up what is missing for too long.
 */
export class PacketOrder {
  readonly #sink: PacketSink;
  readonly #canStart: (packet: RtpPacketView) => boolean;
  readonly #beginsKeyframe: (packet: RtpPacketView) => boolean;
  /** Where the newest keyframe begins of those that had to wait. */
  #keyframeAt = -1;
  /**
   * Packets that wait for an older one, each at its extended sequence number
   * modulo the length.
   */
  readonly #held: (RtpPacketView | undefined)[];
  /** When the one that belongs there was found to be missing. */
  readonly #since: Float64Array;
  #heldCount = 0;
  #heldBytes = 0;
  /**
   * The extended sequence numbers that came lately, each at itself modulo the
   * length.
   */
  readonly #received = new Float64Array(HISTORY).fill(-1);
  /**
   * The extended sequence number that is due; negative before the first packet.
   */
  #next = -1;
  /** The extended sequence number after the newest packet that came. */
  #end = -1;
  /** The first packet that came, extended: older ones are not missed. */
  #first = -1;
  /** Whether nothing was handed on yet, so that nothing can be missing. */
  #joining = true;
  #newestTimestamp = 0;
  #stray: RtpPacketView | undefined;

  /**
   * @param window Packets that are held back while an older one is missing.
   * @param canStart Whether the stream can be started with this packet at
   * once; other packets first wait for older ones.
   * @param beginsKeyframe Whether what is before this packet isn't needed by
   * what comes after it.
   */
  constructor(
    window: number,
    canStart: (packet: RtpPacketView) => boolean,
    beginsKeyframe: (packet: RtpPacketView) => boolean,
    sink: PacketSink,
  ) {
    this.#held = Array.from({ length: window + 1 });
    this.#since = new Float64Array(window + 1);
    this.#canStart = canStart;
    this.#beginsKeyframe = beginsKeyframe;
    this.#sink = sink;
  }

  /**
   * Takes a packet; it must stay unchanged until the sink got it.
   *
   * @param now the time, milliseconds of any clock.
   */
  push(packet: RtpPacketView, now: number): void {
    if (this.#next < 0) this.#next = this.#join(packet, 2 ** 16, now);
    const ahead = sequenceDistance(this.#next, packet.sequenceNumber);
    if (ahead === 0 && this.#heldCount === 0) this.#release(packet);
    else if (ahead >= 0 && ahead < MAX_DROPOUT) {
      this.#hold(packet, this.#next + ahead, now);
    } else if (this.#isLate(ahead, packet.timestamp)) {
      const at = this.#next + ahead;
      if (this.#received[at % HISTORY] === at) this.#sink.duplicate();
    } else return this.#jump(packet, now);
    this.#end = Math.max(this.#end, this.#next);
    this.#forgetStray();
  }

  /** Hands on all that is held: what is missing before it is given up. */
  flush(): void {
    this.#forgetStray();
    while (this.#heldCount > 0) this.#advance(this.#oldest());
  }

  /** Gives up what is missing since before `time`. */
  expire(time: number): void {
    while (this.missingSince < time) {
      const { length } = this.#held;
      let to = this.#next;
      while (
        this.#held[to % length] === undefined && this.#since[to % length] < time
      ) to++;
      this.#advance(to);
    }
  }

  /**
   * Goes on at a whole keyframe that waits, if something before it is missing
   * since before `time`.
   */
  resume(time: number): void {
    const at = this.#keyframeAt;
    if (at <= this.#next || this.missingSince >= time) return;
    if (this.#isWhole(at)) this.#advance(at);
  }

  /** How many packets wait for an older one. */
  get heldCount(): number {
    return this.#heldCount;
  }

  /** Bytes of their payloads. */
  get heldBytes(): number {
    return this.#heldBytes;
  }

  /** Since when the oldest is missing; Infinity where none is. */
  get missingSince(): number {
    if (this.#heldCount === 0) return Infinity;
    return this.#since[this.#next % this.#since.length];
  }

  /** The packets that are missing, in order. */
  *missing(): Generator<MissingPacket> {
    if (this.#heldCount === 0) return;
    const { length } = this.#held;
    const first = Math.max(this.#next, this.#first);
    for (let number = first; number < this.#end; number++) {
      const slot = number % length;
      if (this.#held[slot] !== undefined) continue;
      yield { number, since: this.#since[slot] };
    }
  }

  /** Tells which packet is due when the stream starts with this one. */
  #join(packet: RtpPacketView, epoch: number, now: number): number {
    this.#joining = true;
    this.#newestTimestamp = packet.timestamp;
    const first = epoch + (packet.sequenceNumber & 0xffff);
    this.#first = this.#end = first;
    this.#since.fill(now);
    return this.#canStart(packet) ? first : first - this.#held.length + 1;
  }

  #release(packet: RtpPacketView): void {
    this.#received[this.#next % HISTORY] = this.#next;
    this.#next++;
    this.#joining = false;
    this.#newestTimestamp = packet.timestamp;
    this.#sink.packet(packet);
  }

  #hold(packet: RtpPacketView, at: number, now: number): void {
    if (this.#isHeld(at)) return this.#sink.duplicate();
    if (this.#joining && this.#canStart(packet)) this.#startAt(at);
    this.#advance(at - this.#held.length + 1);
    this.#held[at % this.#held.length] = packet;
    this.#heldCount++;
    this.#heldBytes += packet.payload.length;
    this.#noteKeyframe(packet, at);
    for (let gap = Math.max(this.#end, this.#next); gap < at; gap++) {
      this.#since[gap % this.#since.length] = now;
    }
    this.#end = Math.max(this.#end, at + 1);
    this.#drain();
  }

  /** Parameter sets and slices may each be what a keyframe begins with. */
  #noteKeyframe(packet: RtpPacketView, at: number): void {
    if (!this.#beginsKeyframe(packet)) return;
    const known = this.#held[this.#keyframeAt % this.#held.length];
    const isSame = known?.timestamp === packet.timestamp;
    if (isSame ? at < this.#keyframeAt : at > this.#keyframeAt) {
      this.#keyframeAt = at;
    }
  }

  /** Whether all of the frame is held that begins there. */
  #isWhole(first: number): boolean {
    const timestamp = this.#held[first % this.#held.length]?.timestamp;
    for (let at = first; at < this.#end; at++) {
      const packet = this.#held[at % this.#held.length];
      if (packet === undefined) return false;
      if (packet.timestamp !== timestamp || packet.marker) return true;
    }
    return false;
  }

  #isHeld(at: number): boolean {
    const length = this.#held.length;
    return at - this.#next < length && this.#held[at % length] !== undefined;
  }

  /** Hands on what is due and there. */
  #drain(): void {
    while (this.#heldCount > 0) {
      const packet = this.#take(this.#next);
      if (packet === undefined) return;
      this.#release(packet);
    }
  }

  #take(at: number): RtpPacketView | undefined {
    const slot = at % this.#held.length;
    const packet = this.#held[slot];
    if (packet === undefined) return;
    this.#held[slot] = undefined;
    this.#heldCount--;
    this.#heldBytes -= packet.payload.length;
    return packet;
  }

  /** Gives up what is missing before `to`, and hands on the rest. */
  #advance(to: number): void {
    while (this.#next < to) {
      const at = this.#heldCount > 0 ? Math.min(this.#oldest(), to) : to;
      this.#skip(at - this.#next);
      this.#drain();
    }
  }

  /** The oldest packet that is held; there must be one. */
  #oldest(): number {
    let at = this.#next;
    while (this.#held[at % this.#held.length] === undefined) at++;
    return at;
  }

  #skip(count: number): void {
    this.#next += count;
    if (!this.#joining) this.#sink.hole(count);
  }

  /** Forgets what came before the packet that the stream can start with. */
  #startAt(at: number): void {
    const end = Math.min(at, this.#next + this.#held.length);
    for (let older = this.#next; older < end; older++) this.#take(older);
    this.#next = this.#first = at;
  }

  /**
   * Whether it is a duplicate or came too late, rather than from a sender that
   * started again.
   */
  #isLate(ahead: number, timestamp: number): boolean {
    const age = (this.#newestTimestamp - timestamp) | 0;
    return ahead < 0 && ahead >= -HISTORY && Math.abs(age) < LATE_TICKS;
  }

  #jump(packet: RtpPacketView, now: number): void {
    const stray = this.#stray;
    const apart = stray &&
      sequenceDistance(stray.sequenceNumber, packet.sequenceNumber);
    if (stray === undefined || apart === undefined) {
      this.#stray = packet;
    } else if (apart === 0) {
      this.#sink.duplicate();
    } else if (Math.abs(apart) > this.#held.length) {
      this.#forgetStray();
      this.#stray = packet;
    } else this.#restart(apart > 0 ? [stray, packet] : [packet, stray], now);
  }

  #restart(packets: [RtpPacketView, RtpPacketView], now: number): void {
    this.#stray = undefined;
    this.flush();
    // An epoch of its own: nothing of before is taken for a duplicate.
    const epoch = (Math.floor(this.#next / 2 ** 16) + 2) * 2 ** 16;
    this.#sink.restart();
    this.#next = this.#join(packets[0], epoch, now);
    for (const packet of packets) this.push(packet, now);
  }

  #forgetStray(): void {
    if (this.#stray === undefined) return;
    this.#stray = undefined;
    this.#sink.stray();
  }
}
