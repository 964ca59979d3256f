/** Numbers as the page shows them, without their units. */
import type { LatencyReading } from "./counters.ts";

/** Frames a second: `4.0`, `60`. */
export function formatRate(rate: number): string {
  return rate >= 99.95 ? rate.toFixed(0) : rate.toFixed(1);
}

/** A count with thousands set off: `100,000`. */
export function formatCount(count: number): string {
  return count.toLocaleString("en-US");
}

/** Bytes a second as MB/s, 10^6 bytes: `1.93`, `12.5`, `120`. */
export function formatMegabytes(bytes: number): string {
  const value = bytes / 1e6;
  return value.toFixed(value >= 99.95 ? 0 : value >= 9.995 ? 1 : 2);
}

/** Milliseconds, or why there are none. */
export function formatLatency(reading: LatencyReading): string {
  switch (reading.kind) {
    case "none":
      return "–";
    case "clocks-differ":
      return "clocks differ";
    case "measured":
      return reading.ms.toFixed(0);
  }
}

/** An end of a range of colours, as exact as the range is narrow: `12.4`. */
export function formatBound(value: number, span: number): string {
  const text = value.toFixed(span >= 100 ? 0 : span >= 2 ? 1 : 2);
  return Number(text) === 0 ? "0" : text.replace("-", "−");
}
