import { assertEquals } from "@std/assert";
import {
  type Keeping,
  type KeptCloud,
  overdueClouds,
  pointsKept,
} from "../../lib/viewer/kept_clouds.ts";

/** Clouds of 10,000 points, ten a second; their serials are their orders. */
function cloudsOf(orders: number[], points = 10_000): KeptCloud[] {
  return orders.map((order) => ({
    ...{ serial: order, order, points, captureTime: 1_000 + 100 * order },
  }));
}

const NEWEST: Keeping = { kind: "newest" };
const ALL: Keeping = { kind: "clouds", most: 1_000 };

Deno.test("clouds that a stream doesn't keep go, and the newest never does", () => {
  const clouds = cloudsOf([1, 2, 3, 4]);
  const gone = (keeping: Keeping) =>
    overdueClouds([{ keeping, clouds }], Infinity)[0];
  assertEquals(gone(NEWEST), [1, 2, 3]);
  assertEquals(gone({ kind: "clouds", most: 3 }), [1]);
  assertEquals(gone({ kind: "seconds", most: 0.2 }), [1]);
  assertEquals(gone({ kind: "seconds", most: 9 }), []);
  assertEquals(overdueClouds([{ keeping: NEWEST, clouds }], 0), [[1, 2, 3]]);
  assertEquals(overdueClouds([{ keeping: ALL, clouds: [] }], 0), [[]]);
});

Deno.test("a recording that begins anew doesn't keep what it had", () => {
  const [last, first] = cloudsOf([600, 1]);
  const clouds = [last, { ...first, serial: 601, order: 601 }];
  const keeping: Keeping = { kind: "seconds", most: 10 };
  assertEquals(overdueClouds([{ keeping, clouds }], Infinity), [[600]]);
});

Deno.test("within the bound the oldest of all streams go first", () => {
  const streams = [
    { keeping: ALL, clouds: cloudsOf([1, 4, 5]) },
    { keeping: ALL, clouds: cloudsOf([2, 3, 6]) },
  ];
  assertEquals(overdueClouds(streams, 60_000), [[], []]);
  assertEquals(overdueClouds(streams, 59_999), [[1], []]);
  assertEquals(overdueClouds(streams, 30_000), [[1], [2, 3]]);
  // One of each is drawn, however large.
  assertEquals(overdueClouds(streams, 0), [[1, 4], [2, 3]]);
});

Deno.test("small clouds count for their buffers", () => {
  assertEquals(pointsKept(cloudsOf([1, 2], 10)), 2 * 4096);
  assertEquals(pointsKept(cloudsOf([1, 2])), 20_000);
});
