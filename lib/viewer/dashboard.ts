/** The readings: how fast, how much, how late, how many are missing. */
import { Drops, FrameRate, Latency, Throughput } from "./counters.ts";
import { byId, setText } from "./elements.ts";
import {
  formatCount,
  formatLatency,
  formatMegabytes,
  formatRate,
} from "./readings.ts";
import type { DecodedCloud } from "./worker_messages.ts";

const NAME = "pointwire capture to screen";

/** Entries of the User Timing API that are kept. */
const MAX_ENTRIES = 1_000;

/** Counts what comes and what is shown, and shows the counts. */
export class Dashboard {
  readonly #rate = new FrameRate();
  readonly #throughput = new Throughput();
  readonly #latency = new Latency();
  readonly #drops = new Drops();
  readonly #rateText = byId("frame-rate", HTMLElement);
  readonly #sizeText = byId("point-bytes", HTMLElement);
  readonly #pointsText = byId("points", HTMLElement);
  readonly #throughputText = byId("throughput", HTMLElement);
  readonly #latencyText = byId("latency", HTMLElement);
  readonly #latencyUnit = byId("latency-unit", HTMLElement);
  readonly #dropsText = byId("drops", HTMLElement);
  #points: number | undefined;
  #made: Pick<DecodedCloud, "codec" | "fields" | "stride"> | undefined;
  #shown = 0;
  #measures = 0;

  /** Takes the bytes of one message. */
  received(bytes: number): void {
    this.#throughput.push(performance.now(), bytes);
  }

  /** Takes one frame that came whole. */
  decoded({ number, points, ...made }: DecodedCloud): void {
    this.#drops.push(number);
    this.#rate.push(performance.now());
    this.#points = points;
    this.#made = made;
  }

  /**
   * Takes one frame that has just been drawn.
   *
   * @param captureTime milliseconds since the Unix epoch.
   */
  shown(frame: number, captureTime: number): void {
    const end = performance.now();
    const shownAt = Date.now();
    const latency = shownAt - captureTime;
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
      detail: { frame, captureTime, shownAt },
    });
  }

  /** Begins another stream, and forgets what was counted. */
  reset(): void {
    this.#rate.clear();
    this.#throughput.clear();
    this.#latency.clear();
    this.#drops.clear();
    this.#points = undefined;
    this.#made = undefined;
  }

  /** Writes the readings into the page. */
  update(): void {
    const now = performance.now();
    const none = this.#points === undefined;
    const latency = this.#latency.at(now);
    const latencyText = formatLatency(latency);
    setText(this.#rateText, none ? "–" : formatRate(this.#rate.at(now)));
    setText(this.#pointsText, none ? "–" : formatCount(this.#points ?? 0));
    this.#writeSize();
    setText(
      this.#throughputText,
      none ? "–" : formatMegabytes(this.#throughput.at(now)),
    );
    setText(this.#latencyText, latencyText);
    this.#latencyText.dataset.kind = latency.kind;
    this.#latencyUnit.hidden = latency.kind === "clocks-differ";
    setText(this.#dropsText, none ? "–" : formatCount(this.#drops.total));
  }

  /** Writes what one point is made of. */
  #writeSize(): void {
    const made = this.#made;
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
