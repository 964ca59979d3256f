/** The readings: how fast, how much, how late, how many are missing. */
import type { ClockOffset } from "../wire/clock_offset.ts";
import { ageOf } from "../wire/frame.ts";
import { Latency, Throughput } from "./counters.ts";
import { byId, setText } from "./elements.ts";
import {
  formatCount,
  formatLatency,
  formatMegabytes,
  formatRate,
  formatSkew,
} from "./readings.ts";
import type { StreamCounts } from "./stream_counts.ts";

const NAME = "pointwire capture to screen";

/** Entries of the User Timing API that are kept. */
const MAX_ENTRIES = 1_000;

/** What a drawn frame is told by. */
export interface ShownFrame {
  number: number;
  /** Milliseconds since the Unix epoch. */
  captureTime: number;
  /** What its stream is called. */
  stream: string;
  /** How far its publisher's clock is ahead, where that is known. */
  clock?: ClockOffset;
}

/** Counts what comes and what is shown, and shows the counts of all streams. */
export class Dashboard {
  readonly #throughput = new Throughput();
  readonly #latency = new Latency();
  readonly #rateText = byId("frame-rate", HTMLElement);
  readonly #sizeText = byId("point-bytes", HTMLElement);
  readonly #pointsText = byId("points", HTMLElement);
  readonly #throughputText = byId("throughput", HTMLElement);
  readonly #latencyText = byId("latency", HTMLElement);
  readonly #latencyUnit = byId("latency-unit", HTMLElement);
  readonly #dropsText = byId("drops", HTMLElement);
  readonly #skewReading = byId("skew-reading", HTMLElement);
  readonly #skewText = byId("skew", HTMLElement);
  readonly #skewUnit = byId("skew-unit", HTMLElement);
  #clock: ClockOffset | undefined;
  #shown = 0;
  #measures = 0;

  /** Takes the bytes of one message. */
  received(bytes: number): void {
    this.#throughput.push(performance.now(), bytes);
  }

  /**
   * Takes one frame that has just been drawn.
   *
   * @returns the time from its capture, milliseconds.
   */
  shown(shown: ShownFrame): number {
    const { number: frame, captureTime, stream, clock } = shown;
    const end = performance.now();
    const shownAt = Date.now();
    const latency = ageOf(shown, shownAt);
    this.#clock = clock;
    this.#latency.push(end, latency);
    document.documentElement.dataset.frames = String(++this.#shown);
    if (this.#measures++ >= MAX_ENTRIES) {
      performance.clearMeasures(NAME);
      this.#measures = 1;
    }
    performance.measure(NAME, {
      // Before the page was opened there is no time that could be named.
      start: Math.min(end, Math.max(0, end - latency)),
      end,
      detail: { frame, captureTime, shownAt, stream },
    });
    return latency;
  }

  /** Begins with other streams, and forgets what was counted. */
  reset(): void {
    this.#throughput.clear();
    this.#latency.clear();
  }

  /**
   * Writes the readings into the page.
   *
   * @param behindMs how far the picture is behind the points, where known.
   */
  update(all: readonly StreamCounts[], behindMs: number | undefined): void {
    const now = performance.now();
    this.#writeSkew(behindMs);
    const counts = all.filter(({ newest }) => newest !== undefined);
    const none = counts.length === 0;
    const sum = (amount: (counts: StreamCounts) => number) =>
      counts.reduce((sum, counts) => sum + amount(counts), 0);
    const rate = sum(({ rate }) => rate.at(now));
    const points = sum(({ newest }) => newest?.points ?? 0);
    const latency = this.#latency.at(now);
    const latencyText = formatLatency(latency);
    setText(this.#rateText, none ? "–" : formatRate(rate));
    setText(this.#pointsText, none ? "–" : formatCount(points));
    this.#writeSize(counts.length === 1 ? counts[0].newest : undefined);
    setText(
      this.#throughputText,
      none ? "–" : formatMegabytes(this.#throughput.at(now)),
    );
    setText(this.#latencyText, latencyText);
    this.#latencyText.dataset.kind = latency.kind;
    this.#latencyUnit.hidden = latency.kind === "clocks-differ";
    this.#writeError();
    const drops = sum(({ drops }) => drops.total);
    setText(this.#dropsText, none ? "–" : formatCount(drops));
  }

  #writeSkew(behindMs: number | undefined): void {
    this.#skewReading.hidden = behindMs === undefined;
    if (behindMs === undefined) return;
    const [ms, unit, ...way] = formatSkew(behindMs).split(" ");
    setText(this.#skewText, ms);
    setText(this.#skewUnit, `${unit} ${way.join(" ").replace(" of", "")}`);
    const title = `picture ${formatSkew(behindMs)} the points`;
    if (this.#skewReading.title !== title) this.#skewReading.title = title;
  }

  /** Writes how exact the latency is, where it is of two clocks. */
  #writeError(): void {
    const { offset, error } = this.#clock ?? { offset: 0, error: 0 };
    const isOfTwo = Math.abs(offset) > error;
    setText(this.#latencyUnit, isOfTwo ? `ms ± ${Math.ceil(error)}` : "ms");
    const title = isOfTwo
      ? `milliseconds: the publisher's clock is ${Math.round(offset)} ms ahead`
      : "milliseconds";
    if (this.#latencyUnit.title !== title) this.#latencyUnit.title = title;
  }

  /** Writes what one point is made of, where that is one thing. */
  #writeSize(made: StreamCounts["newest"]): void {
    this.#sizeText.hidden = made === undefined;
    if (made === undefined) return;
    const { codec, fields, stride } = made;
    setText(this.#sizeText, `× ${stride} B`);
    const types = fields.map(({ name, type }) => `${name} ${type}`);
    const title = `${stride} bytes a point, by codec ${codec}:\n` +
      types.join("\n");
    const { parentElement } = this.#sizeText;
    if (parentElement?.title !== title) parentElement!.title = title;
  }
}
