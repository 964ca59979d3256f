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

/** How far one thing is behind another: `40 ms behind`, `40 ms ahead of`. */
export function formatSkew(behindMs: number): string {
  const ms = Math.round(behindMs);
  return ms < 0 ? `${-ms} ms ahead of` : `${ms} ms behind`;
}

/** A coordinate in whole metres: `5,400,000`. */
export function formatPlace(metres: number): string {
  return metres.toLocaleString("en-US", { maximumFractionDigits: 0 })
    .replace("-", "−");
}

/** A length or coordinate in metres to the millimetre: `500000.123`. */
export function formatMillimetres(metres: number): string {
  const text = metres.toFixed(3);
  return Number(text) === 0 ? "0.000" : text.replace("-", "−");
}

/**
 * The two ends of a range of colours, as exact as it is narrow. Where they are
 * far from 0 they are counted from `from`.
 */
export function formatRange(
  { low, high }: { low: number; high: number },
): { low: string; high: string; from?: number } {
  const span = high - low;
  // Of times and of places on a map, what matters is how they differ.
  if (span > 0 && Math.abs(low) >= LARGE && span < Math.abs(low) / FAR) {
    return { low: "0", high: `+${formatBound(span, span)}`, from: low };
  }
  return { low: formatBound(low, span), high: formatBound(high, span) };
}

/** Numbers from here on are too long to be read twice. */
const LARGE = 1e5;
const FAR = 100;

/** From here on, and below that, numbers are written with an exponent. */
const HUGE = 1e7;
const TINY = 1e-4;

/** Digits of a double after the point are no more than this. */
const MOST_DIGITS = 9;

/** An end of a range of colours, as exact as the range is narrow: `12.4`. */
export function formatBound(value: number, span: number): string {
  if (span >= HUGE || span > 0 && span < TINY && Math.abs(value) < 1) {
    return withExponent(value);
  }
  const digits = span >= 100 || span === 0 && Number.isInteger(value)
    ? 0
    : span >= 2
    ? 1
    : span === 0
    ? 2
    : Math.min(MOST_DIGITS, Math.max(2, 1 - Math.floor(Math.log10(span))));
  const text = value.toFixed(digits);
  return Number(text) === 0 ? "0" : text.replace("-", "−");
}

function withExponent(value: number): string {
  if (value === 0) return "0";
  const text = Number(value.toPrecision(3)).toExponential();
  return text.replace("e+", "e").replaceAll("-", "−");
}
