/** Which older clouds stay drawn beside the newest, and which go. */

/** What a stream keeps of its clouds: the newest alone, or more. */
export type Keeping =
  | { kind: "newest" }
  | { kind: "seconds"; most: number }
  | { kind: "clouds"; most: number };

/** A cloud that is drawn. */
export interface KeptCloud {
  serial: number;
  points: number;
  /** Milliseconds since the Unix epoch, the publisher's clock. */
  captureTime: number;
  /** Counts up over the clouds of all streams, as they came. */
  order: number;
}

/** What is drawn of one stream, the oldest first. */
export interface KeptStream {
  keeping: Keeping;
  clouds: readonly KeptCloud[];
}

/** Points that are kept of all streams, where nothing else is asked for. */
export const DEFAULT_MOST_POINTS = 2_000_000;

/** A smaller cloud counts as one of so many points: it has a buffer, too. */
const LEAST_POINTS = 4096;

/** Counts what clouds take of the bound. */
export function pointsKept(clouds: readonly Pick<KeptCloud, "points">[]) {
  return clouds.reduce(
    (sum, { points }) => sum + Math.max(points, LEAST_POINTS),
    0,
  );
}

/**
 * Tells which clouds are to go: those that their stream doesn't keep, and then
 * the oldest of all streams, until the rest is within the bound. The newest of
 * each stream always stays.
 *
 * @param mostPoints of all that stay.
 * @returns their serials, stream by stream.
 */
export function overdueClouds(
  streams: readonly KeptStream[],
  mostPoints: number,
): number[][] {
  const gone = streams.map(({ keeping, clouds }) =>
    new Set(clouds.slice(0, -1).filter((_, i) => !isKept(keeping, clouds, i)))
  );
  const rest = streams.flatMap(({ clouds }, stream) =>
    clouds.filter((cloud) => !gone[stream].has(cloud))
      .map((cloud, i, { length }) => ({
        ...{ cloud, stream, isNewest: i === length - 1 },
      }))
  );
  let points = pointsKept(rest.map(({ cloud }) => cloud));
  rest.sort((a, b) => a.cloud.order - b.cloud.order);
  for (const { cloud, stream, isNewest } of rest) {
    if (points <= mostPoints) break;
    if (isNewest) continue;
    gone[stream].add(cloud);
    points -= pointsKept([cloud]);
  }
  return gone.map((clouds) => [...clouds].map(({ serial }) => serial));
}

function isKept(
  keeping: Keeping,
  clouds: readonly KeptCloud[],
  index: number,
): boolean {
  const newest = clouds[clouds.length - 1];
  switch (keeping.kind) {
    case "newest":
      return false;
    case "clouds":
      return clouds.length - index <= keeping.most;
    case "seconds": {
      // A recording that begins anew goes back in time.
      const age = Math.abs(newest.captureTime - clouds[index].captureTime);
      return age <= keeping.most * 1000;
    }
  }
}

/** What the panel offers to keep, by the value of its entry. */
export const KEEPINGS: ReadonlyMap<string, [label: string, keeping: Keeping]> =
  new Map([
    ["", ["newest", { kind: "newest" }]],
    ...[1, 3, 10, 30, 120].map((most) =>
      [`${most}s`, [`${most} s`, { kind: "seconds", most }]] as const
    ),
    ...[5, 20, 100].map((most) =>
      [`${most}c`, [`${most} clouds`, { kind: "clouds", most }]] as const
    ),
  ] as [string, [string, Keeping]][]);
