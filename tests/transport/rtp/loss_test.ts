/** Repair of real media between two real peers. */
import { assert, assertEquals, assertLess } from "@std/assert";
import { pause, until } from "../../support.ts";
import { peerTest } from "../pair.ts";
import {
  connectLeg,
  createRandom,
  DELAY_MS,
  type LossyLeg,
  type Network,
  withoutNack,
  withoutRtx,
  withoutTransportWide,
} from "./lossy_leg.ts";

/** One in twenty of media and of RTCP. */
function lossy(seed: number): Network {
  const random = createRandom(seed);
  return {
    losesRtp: () => random() < 0.05,
    losesRtcp: () => random() < 0.05,
  };
}

/** The numbers of all frames that were made. */
const allOf = (leg: LossyLeg) =>
  Array.from({ length: leg.camera.frames }, (_, i) => i);

/** Share of bytes that were sent again. */
function extraOf({ stream: { counters } }: LossyLeg): number {
  return counters.bytesRepeated / counters.bytes;
}

const REPAIRS = { RTX: (sdp: string) => sdp, "plain NACK": withoutRtx };

for (const [name, edit] of Object.entries(REPAIRS)) {
  peerTest(
    `With ${name} every frame arrives at 5 % loss, at little cost`,
    async () => {
      const network = lossy(7);
      await using leg = await connectLeg(network, edit);
      await leg.send(149, 8);
      // Only what comes later shows that the last one is missing.
      network.losesRtp = () => false;
      await leg.send(1, 8);
      await leg.until(150);
      assertEquals(leg.frames, allOf(leg));
      assert(leg.stream.counters.repeated > 30, "that would be no loss");
      assertLess(extraOf(leg), 0.1);
      assertEquals(leg.receiver.counters.packetsLost, 0);
      assertEquals(leg.keyframeRequests, []);
    },
  );

  peerTest(`With ${name} bursts are repaired`, async () => {
    let nth = 0;
    // Thirty packets in a row, each two hundred.
    const network = { losesRtp: () => nth++ % 200 >= 170 };
    await using leg = await connectLeg(network, edit);
    await leg.send(99, 8);
    // As above: copies shift where a burst falls.
    network.losesRtp = () => false;
    await leg.send(1, 8);
    await leg.until(100);
    assertEquals(leg.frames, allOf(leg));
  });

  peerTest(
    `With ${name} a stream outlives the loss of what is around the wrap`,
    async () => {
      let isOut = false;
      const losesRtp = ({ sequenceNumber }: { sequenceNumber: number }) =>
        isOut && (sequenceNumber > 65_300 || sequenceNumber < 200);
      await using leg = await connectLeg({ losesRtp }, edit, 65_250);
      isOut = true;
      await leg.send(60, 8);
      const { length } = leg.frames;
      assertLess(length, 10);
      isOut = false;
      await leg.send(60, 8, 20);
      await until(() => leg.frames.at(-1) === leg.camera.frames - 1, {
        what: "the last frame",
      });
      const came = leg.frames.slice(length);
      assertEquals(came, came.toSorted((a, b) => a - b));
    },
  );

  peerTest(`With ${name} what is lost at the wrap is repaired`, async () => {
    const random = createRandom(11);
    const network = { losesRtp: () => random() < 0.1 };
    await using leg = await connectLeg(network, edit, 65_400);
    await leg.send(59, 8);
    network.losesRtp = () => false;
    await leg.send(1, 8);
    await leg.until(60);
    assertEquals(leg.frames, allOf(leg));
    assert(leg.stream.counters.repeated > 10);
    assert(leg.rtp.some(({ sequenceNumber }) => sequenceNumber < 300));
  });
}

peerTest("A packet is sent again once a round trip at most", async () => {
  // What goes to and fro is lost more often than not.
  const random = createRandom(3);
  const seen = new Set<number>();
  const losesRtp = ({ sequenceNumber }: { sequenceNumber: number }) => {
    const isFirst = !seen.has(sequenceNumber);
    seen.add(sequenceNumber);
    return isFirst ? random() < 0.1 : random() < 0.6;
  };
  const network = { losesRtp };
  await using leg = await connectLeg(network, withoutRtx);
  await leg.send(59, 8);
  network.losesRtp = () => false;
  await leg.send(1, 8);
  await until(() => leg.frames.includes(59), { what: "the last frame" });
  const times = Map.groupBy(leg.rtp, ({ sequenceNumber }) => sequenceNumber);
  const again = [...times.values()].filter(({ length }) => length > 2);
  assert(again.length > 3, "none was sent thrice");
  for (const sent of again) {
    // From the second time on: the first request is always answered.
    for (let i = 2; i < sent.length; i++) {
      const ms = sent[i].at - sent[i - 1].at;
      assertLess(0.75 * 2 * DELAY_MS, ms, `packet ${sent[i].sequenceNumber}`);
    }
  }
});

peerTest(
  "Without NACK a hole is given up soon, and a keyframe asked for",
  async () => {
    const network = lossy(5);
    await using leg = await connectLeg(network, withoutNack);
    await leg.send(100, 8);
    assertEquals(leg.stream.counters.repeated, 0);
    assert(leg.receiver.counters.packetsLost > 10);
    assert(leg.keyframeRequests.length > 0);
    for (let i = 1; i < leg.keyframeRequests.length; i++) {
      const ms = leg.keyframeRequests[i] - leg.keyframeRequests[i - 1];
      // The way of one may take longer than that of the next.
      assertLess(480, ms, "between two requests for a keyframe");
    }
    // Frames after a hole come though nothing more is sent.
    network.losesRtp = () => false;
    await leg.send(5, 2);
    await until(() => leg.frames.at(-1) === leg.camera.frames - 1, {
      what: "the last frame",
      within: 2_000,
    });
  },
);

peerTest(
  "A path that nobody gives feedback on isn't taken for silent",
  async () => {
    const network = { losesRtp: () => false };
    await using leg = await connectLeg(network, withoutTransportWide);
    await leg.send(150, 10);
    await leg.until(150);
    assertEquals(leg.stream.counters.dropped, 0);
    const { rtpPathOf } = await import("../../../lib/transport/install.ts");
    assertEquals(rtpPathOf(leg.left)!.estimate.capacity, undefined);
  },
);

peerTest("Nothing is sent once a peer is closed", async () => {
  await using leg = await connectLeg({ losesRtp: () => false });
  await leg.send(10, 8);
  await leg.left.close();
  const sent = leg.rtp.length + leg.rtcp.packets;
  leg.camera.frame(8).forEach((packet) => leg.stream.send(packet));
  const fromRight = leg.rtcp.packets;
  await pause(100);
  assertEquals(leg.rtp.length + fromRight, sent);
});
