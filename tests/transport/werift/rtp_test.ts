/** A contract test with the pinned werift. */
import { Buffer } from "node:buffer";
import { assertEquals } from "@std/assert";
import type { RtcpSenderInfo, RTCRtpSender } from "werift";
import { setSenderReportClock } from "../../../lib/transport/werift/rtp.ts";
import { connectPair, peerTest } from "../pair.ts";

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
