/**
 * A contract test: what lib/transport/werift/hooks.ts reads and changes is
 * there in the pinned werift, and does what is said of it.
 */
import { Buffer } from "node:buffer";
import { assertEquals, assertStringIncludes } from "@std/assert";
import type { RTCPeerConnection, RtcpSenderInfo, RTCRtpSender } from "werift";
import { setSenderReportClock } from "../../../lib/transport/werift/hooks.ts";
import { connectPair, peerTest } from "../pair.ts";

interface Association {
  send(
    streamId: number,
    payloadProtocol: number,
    data: Buffer,
    options: { ordered: boolean },
  ): Promise<void>;
}

function association(peer: RTCPeerConnection): Association {
  return peer.sctpTransport!.sctp as unknown as Association;
}

peerTest(
  "setSenderReportClock() changes the report that the peer receives",
  async () => {
    const { MediaStreamTrack, RtcpSrPacket, RtpHeader, RtpPacket } =
      await import(
        "werift"
      );
    let sender: RTCRtpSender | undefined;
    const track = new MediaStreamTrack({ kind: "video" });
    await using pair = await connectPair({
      prepare(left) {
        sender = left.addTransceiver(track, { direction: "sendonly" }).sender;
      },
    });
    const ntpTimestamp = 0xe8000001_40000000n;
    const rtpTimestamp = 0xfedcba98;
    const header = new RtpHeader({
      payloadType: 96,
      timestamp: 5,
      marker: true,
    });
    track.writeRtp(new RtpPacket(header, Buffer.alloc(10)));
    setSenderReportClock(sender!, ntpTimestamp, rtpTimestamp);
    const [{ receiver }] = pair.right.getTransceivers();
    const { promise, resolve } = Promise.withResolvers<RtcpSenderInfo>();
    receiver.onRtcp.subscribe((packet) => {
      if (packet instanceof RtcpSrPacket) resolve(packet.senderInfo);
    });
    const report = await promise;
    assertEquals(report.ntpTimestamp, ntpTimestamp);
    assertEquals(report.rtpTimestamp, rtpTimestamp);
    assertEquals([report.packetCount, report.octetCount], [1, 10]);
  },
);

/** Payload protocol identifiers (RFC 8831 section 8). */
const PPID = { control: 50, unknown: 999 };

/** What a peer may send on SCTP that werift can't read. */
const UNREADABLE: Record<string, (pair: Peers) => Promise<unknown>> = {
  "an unknown payload protocol identifier": ({ left, channel }) =>
    association(left).send(channel.id, PPID.unknown, Buffer.from("x"), {
      ordered: true,
    }),
  "an acknowledgement of no channel": ({ left }) =>
    association(left).send(77, PPID.control, Buffer.of(2), { ordered: true }),
};

interface Peers {
  left: RTCPeerConnection;
  channel: { id: number };
}

for (const [what, send] of Object.entries(UNREADABLE)) {
  peerTest(`A peer that sends ${what} is told of, and goes on`, async () => {
    const errors: unknown[] = [];
    const told = Promise.withResolvers<void>();
    await using pair = await connectPair({
      right: {
        onError(error) {
          errors.push(error);
          told.resolve();
        },
      },
    });
    const { left, channel, remote } = pair;
    await send({ left, channel: { id: channel.id! } });
    await told.promise;
    const received = Promise.withResolvers<unknown>();
    remote.onMessage.subscribe((message) => received.resolve(message));
    channel.send("still here");
    assertEquals(await received.promise, "still here");
    assertEquals(errors.length, 1);
  });
}

peerTest("A listener that throws is told of, and harms nobody", async () => {
  const errors = Promise.withResolvers<unknown>();
  await using pair = await connectPair({ right: { onError: errors.resolve } });
  const received = Promise.withResolvers<void>();
  pair.remote.onMessage.subscribe((message) => {
    if (message === "first") throw new Error("on purpose");
    received.resolve();
  });
  pair.channel.send("first");
  assertStringIncludes(String(await errors.promise), "on purpose");
  pair.channel.send("second");
  await received.promise;
});
