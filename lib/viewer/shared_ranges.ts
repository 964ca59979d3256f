/** Ranges of colours that streams have together: one legend is of all. */
import { type Range, SmoothRange } from "./ranges.ts";

/** What one thing that points are coloured by spans, stream by stream. */
interface Spans {
  smooth: SmoothRange;
  streams: Map<number, Range>;
}

/** Follows what streams span together, by what they are coloured by. */
export class SharedRanges {
  readonly #spans = new Map<string, Spans>();

  /** The range of one thing so far; nothing before the first. */
  range(name: string): Range | undefined {
    return this.#spans.get(name)?.smooth.range;
  }

  /** Takes what the newest cloud of a stream spans. */
  push(name: string, stream: number, range: Range): void {
    const spans = this.#spans.get(name) ??
      { smooth: new SmoothRange(), streams: new Map<number, Range>() };
    this.#spans.set(name, spans);
    spans.streams.set(stream, range);
    const ranges = [...spans.streams.values()];
    spans.smooth.push({
      low: Math.min(...ranges.map(({ low }) => low)),
      high: Math.max(...ranges.map(({ high }) => high)),
    });
  }

  /** Forgets a stream; what none has a range of begins anew. */
  delete(stream: number): void {
    for (const [name, { streams }] of this.#spans) {
      streams.delete(stream);
      if (streams.size === 0) this.#spans.delete(name);
    }
  }
}
