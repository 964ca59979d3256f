import type { AckSample, CongestionController } from "./congestion.ts";
import { Ramp } from "./ramp.ts";
import { WindowedMax } from "./windowed_filter.ts";

export interface BbrOptions {
  /** Bytes of a full packet with all headers. */
  packetBytes: number;
  /** Window before anything is known, bytes. @default 32 packets */
  initialWindow?: number;
  /** Least window, bytes. @default 4 packets */
  minWindow?: number;
  /** Largest window, bytes. @default {Infinity} */
  maxWindow?: number;
  /** Round-trip time where one is known, milliseconds. */
  initialRtt?: number;
  /** 0 to 1, spreads the phases of several flows. @default {Math.random} */
  random?: () => number;
}

export type BbrState = "startup" | "drain" | "probe-bandwidth" | "probe-rtt";

/** 4 ln 2: the least gain that doubles the rate each round. */
const STARTUP_PACING_GAIN = 2.77;
/** Most of the bandwidth that the pace of a ramp may be. */
const RAMP_PACING_GAIN = 3 * STARTUP_PACING_GAIN;
const DRAIN_PACING_GAIN = 0.5;
/**
 * Windows of so many pipes: for as fast a start, and beside loss-based flows.
 */
const STARTUP_WINDOW_GAIN = 2;
const WINDOW_GAIN = 1.35;
/** Pacing gains of the phases of a cycle, each a minimum round trip long. */
const CYCLE = [1.25, 0.75, 1, 1, 1, 1, 1, 1];
const UP = 0;
const DOWN = 1;
/** Most that is allowed for acknowledgements in batches, of the pipe. */
const EXTRA_SHARE = 0.15;
/** Share of the rate that is left unused, so that queues drain. */
const PACING_MARGIN = 0.99;
/** Rounds that the largest delivery rate is remembered. */
const BANDWIDTH_ROUNDS = 10;
/** Growth, and rounds without it, that tell that the pipe is full. */
const FULL_GROWTH = 1.25;
const FULL_ROUNDS = 3;
const MIN_RTT_WINDOW_MS = 5_000;
const PROBE_RTT_MS = 200;
const PROBE_RTT_WINDOW_GAIN = 0.5;
/**
 * A least round trip that is so many times the one before, and longer by so
 * much, though little of ours was on its way: the path is another, or others
 * have filled its queue. What was found of the bandwidth is of no use there.
 */
const OTHER_PATH_SHARE = 1.5;
const OTHER_PATH_MS = 20;
/**
 * A round is congested where it lost more than this share and the queue was
 * seen to be full: its least round-trip time was this much above the minimum.
 * Loss without a queue is the radio's, and slowing down doesn't help it.
 */
const LOSS_SHARE = 0.02;
const LOSS_PACKETS = 3;
const QUEUE_RTT_SHARE = 0.2;
const QUEUE_RTT_MS = 3;
/** What a congested round leaves of what was in flight. */
const LOSS_BETA = 0.85;
/**
 * Share of the bound that is used while not probing: the rest is for others.
 */
const HEADROOM = 0.85;
/** A probe goes on while it finds so much more: nobody else's share is that. */
const PROBE_GROWTH = 1.15;
/** Growth of the bound in a round that probes it and isn't congested. */
const BOUND_GROWTH = 1.25;
/** Time that timers and batches of acknowledgements cost, in milliseconds. */
const QUANTUM_MS = 3;

/**
 * Model-based congestion control after BBR (draft-ietf-ccwg-bbr): the window
 * and the pace follow the largest delivery rate and the least round-trip time
 * that were measured, so that random loss doesn't slow it down.
 *
 * From BBRv1 are the states, gains and the filter of ten rounds; from BBRv3 the
 * bound on what is in flight that congestion sets, its headroom and probing,
 * the allowance for aggregated acknowledgements, and the mild probe of the
 * round-trip time. Its own is what it takes for congestion: loss together with
 * a queue, for BBRv3's bound of 2 % loss would hold it down on Wi-Fi; and the
 * ramp before a queue was met.
 */
export class Bbr implements CongestionController {
  packetBytes: number;
  readonly #leastWindow: number | undefined;
  readonly #maxWindow: number;
  readonly #initialWindow: number;
  readonly #random: () => number;
  readonly #firstPace: number;
  readonly #ramp: Ramp;
  #state: BbrState = "startup";
  #window: number;
  #pacingRate: number;
  #pacingGain = STARTUP_PACING_GAIN;
  /** Largest delivery rate, bytes a millisecond, by round. */
  readonly #bandwidth = new WindowedMax(BANDWIDTH_ROUNDS);
  #round = 0;
  #roundEnds = 0;
  #roundStarted = false;
  #roundAcked = 0;
  #roundLost = 0;
  #roundLostInflight = 0;
  #roundRtt = Infinity;
  #roundInflight = 0;
  #minRtt = Infinity;
  #minRttAt = 0;
  #fullBandwidth = 0;
  #fullRounds = 0;
  #isFull = false;
  #phase = 0;
  #phaseAt = 0;
  #probedBandwidth = 0;
  #bound = Infinity;
  #probeRttEnds: number | undefined;
  #probeRttRound = 0;
  /** The least round-trip time that the last probe began with. */
  #rttBefore = Infinity;
  readonly #extraAcked = new WindowedMax(BANDWIDTH_ROUNDS);
  #epochAt = 0;
  #epochAcked = 0;
  #windowBeforeTimeout: number | undefined;

  constructor(options: BbrOptions) {
    const { packetBytes, initialRtt = 10 } = options;
    this.packetBytes = packetBytes;
    this.#initialWindow = options.initialWindow ?? 32 * packetBytes;
    this.#leastWindow = options.minWindow;
    this.#maxWindow = options.maxWindow ?? Infinity;
    this.#random = options.random ?? Math.random;
    this.#window = Math.min(this.#initialWindow, this.#maxWindow);
    this.#firstPace = STARTUP_PACING_GAIN * this.#initialWindow / initialRtt;
    this.#pacingRate = this.#firstPace;
    this.#ramp = new Ramp(this.#firstPace, packetBytes);
  }

  get window(): number {
    return this.#window;
  }

  get #minWindow(): number {
    return this.#leastWindow ?? 4 * this.packetBytes;
  }

  get pacingRate(): number {
    return this.#pacingRate;
  }

  get state(): BbrState {
    return this.#state;
  }

  get isStarting(): boolean {
    return this.#state === "startup";
  }

  /** Estimated bandwidth, bytes a millisecond; 0 before the first sample. */
  get bandwidth(): number {
    return this.#bandwidth.value;
  }

  /** Least round-trip time of late, milliseconds. */
  get minRtt(): number {
    return this.#minRtt;
  }

  onRestart(now: number): void {
    this.#epochAt = now;
    this.#epochAcked = 0;
    if (this.#state === "probe-bandwidth") this.#setRate(1);
  }

  onTimeout(_now: number): void {
    if (this.#ramp.pace !== undefined) this.#endRamp();
    this.#windowBeforeTimeout ??= this.#window;
    this.#window = this.packetBytes;
  }

  onAck(sample: AckSample): void {
    this.#updateRound(sample);
    this.#updateBandwidth(sample);
    this.#updateExtraAcked(sample);
    this.#updateCongestion(sample);
    this.#checkFull(sample);
    this.#checkDrained(sample);
    this.#updatePhase(sample);
    this.#updateMinRtt(sample);
    this.#setRate(this.#pacingGain);
    this.#setWindow(sample);
    if (this.#ramp.pace !== undefined) this.#followRamp(sample);
    if (this.#roundStarted) this.#beginRound(sample);
  }

  #updateRound(sample: AckSample): void {
    this.#roundStarted = sample.priorDelivered >= this.#roundEnds;
    if (this.#roundStarted) {
      this.#roundEnds = sample.delivered;
      this.#round++;
    }
    this.#roundAcked += sample.acked;
    this.#roundLost += sample.lost;
    this.#roundLostInflight = Math.max(
      this.#roundLostInflight,
      sample.lostInflight,
    );
    this.#roundInflight = Math.max(this.#roundInflight, sample.priorInflight);
    if (sample.rtt !== undefined) {
      this.#roundRtt = Math.min(this.#roundRtt, sample.rtt);
    }
  }

  #beginRound(sample: AckSample): void {
    this.#roundAcked = 0;
    this.#roundLost = 0;
    this.#roundLostInflight = 0;
    this.#roundRtt = Infinity;
    this.#roundInflight = sample.inflight;
  }

  #updateBandwidth({ rate, appLimited }: AckSample): void {
    if (rate === undefined) return;
    if (appLimited && rate < this.#bandwidth.value) return;
    this.#bandwidth.update(this.#round, rate);
  }

  /** Bytes that come acknowledged at once, beyond what the rate explains. */
  #updateExtraAcked({ now, acked }: AckSample): void {
    const expected = this.#bandwidth.value * (now - this.#epochAt);
    if (this.#epochAcked <= expected) {
      this.#epochAt = now;
      this.#epochAcked = acked;
    } else this.#epochAcked += acked;
    const extra = this.#epochAcked -
      this.#bandwidth.value * (now - this.#epochAt);
    this.#extraAcked.update(
      this.#round,
      Math.min(Math.max(0, extra), this.#window),
    );
  }

  /** At the end of a round: does the network say that it is too much? */
  #updateCongestion(sample: AckSample): void {
    if (!this.#roundStarted) return;
    if (this.#isCongested()) {
      const kept = LOSS_BETA * Math.min(this.#roundLostInflight, this.#bound);
      // What a burst loses is resent with little in flight, and startup's pace
      // overfills a short queue before its window fills the pipe.
      const isStartup = this.#state === "startup";
      const least = (isStartup ? 1 : LOSS_BETA) * this.#inflightFor(1);
      this.#bound = Math.max(kept, least, this.#minWindow);
      if (isStartup) this.#isFull = true;
      if (this.#phase === UP) this.#enterPhase(DOWN, sample.now);
    } else if (
      this.#state === "probe-bandwidth" && this.#phase === UP &&
      this.#roundInflight >= HEADROOM * this.#bound
    ) this.#bound *= BOUND_GROWTH;
  }

  #isCongested(): boolean {
    const lost = this.#roundLost;
    if (lost < LOSS_PACKETS * this.packetBytes) return false;
    if (lost <= LOSS_SHARE * (lost + this.#roundAcked)) return false;
    const queue = this.#roundRtt - this.#minRtt;
    return queue > Math.max(QUEUE_RTT_SHARE * this.#minRtt, QUEUE_RTT_MS);
  }

  #checkFull({ appLimited }: AckSample): void {
    if (this.#isFull || !this.#roundStarted || appLimited) return;
    if (this.#bandwidth.value >= this.#fullBandwidth * FULL_GROWTH) {
      this.#fullBandwidth = this.#bandwidth.value;
      this.#fullRounds = 0;
    } else this.#isFull = ++this.#fullRounds >= FULL_ROUNDS;
  }

  #checkDrained({ now, inflight }: AckSample): void {
    if (this.#state === "startup" && this.#isFull) {
      this.#state = "drain";
      this.#pacingGain = DRAIN_PACING_GAIN;
    }
    if (this.#state === "drain" && inflight <= this.#inflightFor(1)) {
      this.#enterProbeBandwidth(now);
    }
  }

  #enterProbeBandwidth(now: number): void {
    this.#state = "probe-bandwidth";
    // Any phase but the one that drains: there is no queue to drain.
    const phase = Math.floor(this.#random() * (CYCLE.length - 1));
    this.#enterPhase(phase >= DOWN ? phase + 1 : phase, now);
  }

  #enterPhase(phase: number, now: number): void {
    if (this.#state !== "probe-bandwidth") return;
    this.#phase = phase % CYCLE.length;
    this.#phaseAt = now;
    this.#probedBandwidth = this.bandwidth;
    this.#pacingGain = CYCLE[this.#phase];
  }

  #updatePhase({ now, inflight, priorInflight, lost }: AckSample): void {
    if (this.#state !== "probe-bandwidth") return;
    const isLongEnough = now - this.#phaseAt > this.#minRtt;
    const gain = this.#pacingGain;
    const isOver = this.#phase === UP
      // Until there is a queue to see, or what limits it is reached.
      ? isLongEnough &&
        (lost > 0 || priorInflight >= this.#inflightFor(gain) ||
          now - this.#phaseAt > 2 * this.#minRtt)
      : this.#phase === DOWN
      ? isLongEnough || inflight <= this.#inflightFor(1)
      : isLongEnough;
    if (!isOver) return;
    const goesOn = this.#phase === UP &&
      this.bandwidth >= PROBE_GROWTH * this.#probedBandwidth;
    this.#enterPhase(goesOn ? UP : this.#phase + 1, now);
  }

  #updateMinRtt({ now, rtt, inflight }: AckSample): void {
    const isExpired = now - this.#minRttAt > MIN_RTT_WINDOW_MS;
    if (isExpired && this.#state !== "probe-rtt") {
      this.#rttBefore = this.#minRtt;
    }
    if (rtt !== undefined && (rtt <= this.#minRtt || isExpired)) {
      this.#minRtt = rtt;
      this.#minRttAt = now;
    }
    if (isExpired && this.#state !== "probe-rtt" && this.#round > 1) {
      this.#state = "probe-rtt";
      this.#pacingGain = 1;
      this.#probeRttEnds = undefined;
    }
    if (this.#state !== "probe-rtt") return;
    if (this.#probeRttEnds === undefined) {
      if (inflight > this.#probeRttWindow) return;
      this.#probeRttEnds = now + PROBE_RTT_MS;
      this.#probeRttRound = this.#round;
    } else if (now >= this.#probeRttEnds && this.#round > this.#probeRttRound) {
      this.#minRttAt = now;
      if (this.#isOtherPath()) this.#forgetPath();
      if (this.#isFull) this.#enterProbeBandwidth(now);
      else {
        this.#state = "startup";
        this.#pacingGain = STARTUP_PACING_GAIN;
      }
    }
  }

  #isOtherPath(): boolean {
    const growth = this.#minRtt - this.#rttBefore;
    return this.#minRtt > OTHER_PATH_SHARE * this.#rttBefore &&
      growth > OTHER_PATH_MS;
  }

  #forgetPath(): void {
    this.#isFull = false;
    this.#fullBandwidth = 0;
    this.#fullRounds = 0;
    this.#bound = Infinity;
  }

  get #probeRttWindow(): number {
    const { bandwidth, minRtt } = this;
    return Math.max(
      PROBE_RTT_WINDOW_GAIN * bandwidth * minRtt + bandwidth * QUANTUM_MS,
      this.#minWindow,
    );
  }

  #setRate(gain: number): void {
    if (this.bandwidth === 0) return;
    const rate = gain * this.bandwidth * PACING_MARGIN;
    // What the first window alone shows is no reason to go slower.
    if (this.#isFull || rate > this.#pacingRate) this.#pacingRate = rate;
  }

  /** What fills the pipe `gain` times. */
  #inflightFor(gain: number): number {
    if (this.bandwidth === 0 || this.#minRtt === Infinity) {
      return this.#initialWindow;
    }
    return gain * this.bandwidth * this.#minRtt + this.bandwidth * QUANTUM_MS;
  }

  #setWindow({ acked, delivered }: AckSample): void {
    if (this.#windowBeforeTimeout !== undefined) {
      // Something is delivered again: the path is back.
      this.#window = this.#windowBeforeTimeout;
      this.#windowBeforeTimeout = undefined;
    }
    const gain = this.#isFull ? WINDOW_GAIN : STARTUP_WINDOW_GAIN;
    const pipe = this.#inflightFor(1);
    const extra = Math.min(this.#extraAcked.value, EXTRA_SHARE * pipe);
    const target = this.#inflightFor(gain) + extra;
    if (this.#isFull) this.#window = Math.min(this.#window + acked, target);
    else if (this.#window < target || delivered < this.#initialWindow) {
      this.#window += acked;
    }
    let most = this.#maxWindow;
    if (this.#state === "probe-rtt") most = this.#probeRttWindow;
    else if (this.#isFull) {
      const isProbing = this.#state === "probe-bandwidth" && this.#phase === UP;
      most = Math.min(most, isProbing ? this.#bound : HEADROOM * this.#bound);
    }
    this.#window = Math.max(Math.min(this.#window, most), this.#minWindow);
  }

  /** Raises pace and window to those of the ramp, until it is over. */
  #followRamp(sample: AckSample): void {
    const ramp = this.#ramp;
    if (this.#state !== "startup") return this.#endRamp();
    if (this.#minRtt === Infinity) return;
    ramp.onAck(sample, this.#minRtt);
    if (ramp.pace === undefined) return this.#endRamp();
    // Of an application's few packets the pace tells no more than this.
    const pace = Math.min(ramp.pace, RAMP_PACING_GAIN * this.bandwidth);
    this.#pacingRate = Math.max(this.#firstPace, pace);
    const window = Math.max(this.#window, pace * this.#minRtt);
    this.#window = Math.min(window, this.#maxWindow);
  }

  /** Goes back to what startup makes of the bandwidth. */
  #endRamp(): void {
    this.#ramp.end();
    const rate = STARTUP_PACING_GAIN * this.bandwidth * PACING_MARGIN;
    this.#pacingRate = Math.max(this.#firstPace, rate);
    const window = this.#inflightFor(STARTUP_WINDOW_GAIN);
    const most = Math.max(window, this.#initialWindow);
    this.#window = Math.min(this.#window, most);
  }
}
