import { assert, assertEquals } from "@std/assert";
import { UnprovenPackets } from "../../../lib/limits/unproven_packets.ts";
import { Probation } from "../../../lib/transport/ice/probation.ts";

const CHECK_BYTES = 100;
const OFFERER = "192.0.2.1";

function answering(bytes = 1e6, packets = new UnprovenPackets(1, () => 0)) {
  return new Probation({ bytes, address: OFFERER, packets });
}

/** Counts how many of 1000 checks may be sent. */
function countChecks(
  probation: Probation,
  to: (i: number) => readonly [string, number],
): number {
  return range().filter((i) => probation.takeCheck(to(i), CHECK_BYTES)).length;
}

/** Counts how many of 1000 checks that come may be answered. */
function countAnswers(
  probation: Probation,
  to: (i: number) => readonly [string, number],
): number {
  return range().filter((i) => probation.takeAnswer(to(i), CHECK_BYTES)).length;
}

const range = () => Array.from({ length: 1000 }, (_, i) => i);

Deno.test("An address that never spoke gets four checks, on all its ports", () => {
  for (const to of ["198.51.100.1", "2001:db8::1"]) {
    assertEquals(countChecks(answering(), (i) => [to, 1000 + i]), 4);
    assertEquals(countChecks(answering(), () => [to, 1000]), 4);
  }
});

Deno.test("An address that never answered gets ten packets, asked or not", () => {
  const to = (i: number) => ["198.51.100.1", 1000 + i] as const;
  const orders = [[countChecks, countAnswers], [countAnswers, countChecks]];
  for (const [first, second] of orders) {
    const probation = answering();
    const sent = first(probation, to) + second(probation, to) +
      first(probation, to);
    assertEquals(sent, 10);
  }
});

Deno.test("An IPv6 network counts as one address, and IPv4 however it is written", () => {
  assertEquals(countChecks(answering(), (i) => [`2001:db8::${i}`, 1000]), 4);
  const names = ["192.0.2.7", "::ffff:192.0.2.7", "::ffff:c000:207"];
  assertEquals(countChecks(answering(), (i) => [names[i % 3], 1000]), 4);
});

Deno.test("All addresses together get a hundred packets", () => {
  const to = (i: number) => [`198.51.${i >> 8}.${i & 255}`, 1000] as const;
  assertEquals(countChecks(answering(), to), 100);
  assertEquals(countAnswers(answering(), to), 100);
  assertEquals(countChecks(new Probation(), to), 100);
});

Deno.test("No more bytes go out than the offer had, and what was heard brings more", () => {
  const to = (i: number) => [`198.51.100.${i}`, 1000] as const;
  const probation = answering(1000);
  assertEquals(countChecks(probation, to), 10);
  const room = 400;
  let sent = 0;
  for (let i = 0; i < 30; i++) {
    if (probation.takeAnswer(to(i), CHECK_BYTES)) sent += 64;
    if (probation.takeCheck(to(i), CHECK_BYTES)) sent += CHECK_BYTES;
    assert(sent <= room + 1.4 * CHECK_BYTES * (i + 1));
  }
  assert(sent > 3000);
});

Deno.test("An address that answered is counted no more, and its other ports are", () => {
  const to = ["198.51.100.1", 1000] as const;
  const probation = answering();
  assert(!probation.isProven(to));
  probation.answered(to);
  assert(probation.isProven(to));
  assertEquals(countChecks(probation, () => to), 1000);
  assertEquals(countAnswers(probation, () => to), 1000);
  // Its other ports may be somebody else's.
  assert(!probation.isProven([to[0], 1001]));
  assertEquals(countChecks(probation, (i) => [to[0], 1001 + i]), 100);
});

Deno.test("What the server has left for all is not asked for the offerer's own address", () => {
  const packets = new UnprovenPackets(1, () => 0);
  while (packets.take(OFFERER));
  const probation = answering(1e6, packets);
  assertEquals(countChecks(probation, () => ["198.51.100.1", 1000]), 0);
  assertEquals(countAnswers(probation, () => ["198.51.100.1", 1000]), 0);
  assertEquals(countChecks(probation, () => [OFFERER, 1000]), 10);
});

Deno.test("The address that the offer came from, and a server, get more", () => {
  for (const probation of [answering(), new Probation()]) {
    const to = (i: number) => [OFFERER, 1000 + i] as const;
    assertEquals(countChecks(probation, to), 10);
    assertEquals(countAnswers(probation, to), 20);
    assertEquals(countChecks(probation, to), 20);
  }
});

Deno.test("Checks of a hundred transport addresses are taken", () => {
  const probation = answering();
  const to = (i: number) => ["198.51.100.1", 1000 + i] as const;
  for (const i of range()) probation.answered(to(i));
  assertEquals(countAnswers(probation, to), 100);
  assert(probation.takeAnswer(to(0), CHECK_BYTES));
});

Deno.test("A peer that refuses our checks again and again gets no more", () => {
  const probation = answering();
  let count = 0;
  while (probation.mayBegin) {
    probation.answered(["198.51.100.1", 1000], true);
    assert(++count < 100);
  }
  assertEquals(count, 16);
});
