import type { SessionSnapshot } from "../../session/snapshot.ts";

const COUNTS = ["frames", "bytes"] as const;
const MEDIA = [...COUNTS, "packetsLost"] as const;
const POINTS = [...COUNTS, "points", "invalid"] as const;
const STREAM = [...COUNTS, "points"] as const;
const FORWARDED = ["framesSent", "framesDropped", "bytesSent"] as const;

/** What there is to plot of a session, as JSON Schema has it. */
export const STATISTICS_SCHEMA: string = JSON.stringify({
  title: "pointwire.SessionStatistics",
  type: "object",
  properties: {
    watchers: { type: "number" },
    roundTripMs: { type: "number" },
    clockOffsetMs: { type: "number" },
    points: numbers(POINTS),
    video: numbers(MEDIA),
    audio: numbers(MEDIA),
    forwarded: numbers(FORWARDED),
    streams: {
      type: "array",
      items: {
        type: "object",
        properties: {
          name: { type: "string" },
          ...numbers(STREAM).properties,
        },
      },
    },
  },
});

/** Writes the counters of a session; what isn't known is left out. */
export function writeStatistics(
  session: SessionSnapshot,
): Uint8Array<ArrayBuffer> {
  const { watchers, link, clock, points, video, audio, forwarded, streams } =
    session;
  return new TextEncoder().encode(JSON.stringify({
    watchers,
    roundTripMs: link.roundTripMs ?? undefined,
    clockOffsetMs: clock?.offset,
    points: pick(points, POINTS),
    video: pick(video, MEDIA),
    audio: pick(audio, MEDIA),
    forwarded: pick(forwarded, FORWARDED),
    streams: streams.map((stream) => ({
      name: stream.name,
      ...pick(stream, STREAM),
    })),
  }));
}

function numbers(names: readonly string[]) {
  const properties = Object.fromEntries(
    names.map((name) => [name, { type: "number" }]),
  );
  return { type: "object", properties };
}

function pick<T, K extends keyof T & string>(
  from: T,
  names: readonly K[],
): Record<K, T[K]> {
  return Object.fromEntries(
    names.map((name) => [name, from[name]]),
  ) as Record<K, T[K]>;
}
