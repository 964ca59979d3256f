/**
 * A contract test: what lib/transport/werift_internals.ts reads and changes is
 * there in the pinned werift, and does what is said of it.
 */
import { Buffer } from "node:buffer";
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import type {
  RTCDataChannel,
  RTCPeerConnection,
  RtcpSenderInfo,
  RTCRtpSender,
} from "werift";
import {
  isAllAcknowledged,
  setSctpPath,
  setSenderReportClock,
  undeliveredBytes,
} from "../../lib/transport/werift_internals.ts";
import { connectPair, makePeer, peerTest } from "./pair.ts";

const KIB = 1024;

/** What an association has that no type of werift's tells of. */
interface Association {
  outboundQueue: { bookSize: number }[];
  sentQueue: { bookSize: number }[];
  flightSize: number;
  cwnd: number;
  mtu: number;
  maxPayloadSize: number;
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

/** Waits for what no event tells of. */
async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 1));
}

/** Resolves when a channel has received so many bytes. */
function whenReceived(channel: RTCDataChannel, bytes: number): Promise<void> {
  return new Promise((resolve) => {
    const { unSubscribe } = channel.onMessage.subscribe((message) => {
      bytes -= message.length;
      if (bytes > 0) return;
      unSubscribe();
      resolve();
    });
  });
}

peerTest("An association has the fields that are read", async () => {
  await using pair = await connectPair();
  for (const peer of [pair.left, pair.right]) {
    const sctp = association(peer);
    for (const name of ["outboundQueue", "sentQueue"] as const) {
      assert(Array.isArray(sctp[name]), name);
    }
    const numbers = ["flightSize", "cwnd", "mtu", "maxPayloadSize"] as const;
    for (const name of numbers) assert(Number.isInteger(sctp[name]), name);
    assertEquals(sctp.maxPayloadSize, (sctp.mtu - 28) & ~3);
    assertEquals(sctp.cwnd % sctp.maxPayloadSize, 0);
  }
});

peerTest("An association's queues hold chunks of a known size", async () => {
  await using pair = await connectPair();
  const sctp = association(pair.left);
  const all = whenReceived(pair.remote, 100 * KIB);
  pair.channel.send(Buffer.alloc(100 * KIB));
  const { outboundQueue, sentQueue, maxPayloadSize } = sctp;
  assert(outboundQueue.length > 0 && sentQueue.length > 0);
  for (const { bookSize } of [...outboundQueue, ...sentQueue]) {
    assert(bookSize > 0 && bookSize <= maxPayloadSize);
  }
  const sum = sentQueue.reduce((bytes, chunk) => bytes + chunk.bookSize, 0);
  assertEquals(sctp.flightSize, sum);
  await all;
});

peerTest(
  "undeliveredBytes() goes to 0, and isAllAcknowledged() is true then",
  async () => {
    await using pair = await connectPair();
    await until(() => isAllAcknowledged(pair.left));
    assertEquals(undeliveredBytes(pair.left), 0);

    const all = whenReceived(pair.remote, 100 * KIB);
    pair.channel.send(Buffer.alloc(100 * KIB));
    const { maxPayloadSize } = association(pair.left);
    assertEquals(isAllAcknowledged(pair.left), false);
    const undelivered = undeliveredBytes(pair.left);
    assert(undelivered >= 100 * KIB, `${undelivered}`);
    assert(undelivered < 100 * KIB + maxPayloadSize, `${undelivered}`);

    await all;
    await until(() => isAllAcknowledged(pair.left));
    assertEquals(undeliveredBytes(pair.left), 0);
  },
);

peerTest("A peer without an association has nothing to deliver", async () => {
  await using made = await makePeer();
  assertEquals(undeliveredBytes(made.peer), 0);
  assertEquals(isAllAcknowledged(made.peer), true);
  setSctpPath(made.peer, { maxPayloadBytes: 1000, maxWindowBytes: 10_000 });
});

peerTest(
  "setSctpPath() sets the size of packets and the largest window",
  async () => {
    await using pair = await connectPair();
    const sctp = association(pair.left);
    let largest = 0;
    for (const { connection } of pair.right.iceTransports) {
      connection.onData.subscribe((data) => {
        largest = Math.max(largest, data.length);
      });
    }
    async function send(kib: number): Promise<void> {
      const all = whenReceived(pair.remote, kib * KIB);
      for (let i = 0; i < kib; i += 16) {
        pair.channel.send(
          Buffer.alloc(16 * KIB),
        );
      }
      await all;
      await until(() => isAllAcknowledged(pair.left));
    }

    await send(64);
    assert(largest > 1000 && largest < 1300, `${largest}`);

    // What DTLS adds to an SCTP packet's 28 bytes of headers.
    const DTLS_BYTES = 13 + 8 + 16;
    for (const maxPayloadBytes of [15_000, 4000]) {
      largest = 0;
      const maxWindowBytes = 4 * maxPayloadBytes;
      setSctpPath(pair.left, { maxPayloadBytes, maxWindowBytes });
      assertEquals(sctp.maxPayloadSize, maxPayloadBytes);
      assert(sctp.cwnd >= 3 * maxPayloadBytes && sctp.cwnd <= maxWindowBytes);
      await send(512);
      assertEquals(largest, maxPayloadBytes + 28 + DTLS_BYTES);
      assert(sctp.cwnd <= maxWindowBytes, `${sctp.cwnd}`);
    }
  },
);

peerTest(
  "setSctpPath() lets the window shrink, and grow no further",
  async () => {
    await using pair = await connectPair();
    const sctp = association(pair.left);
    setSctpPath(pair.left, { maxPayloadBytes: 1000, maxWindowBytes: 9000 });
    sctp.cwnd = 1000;
    assertEquals(sctp.cwnd, 1000);
    sctp.cwnd += 20_000;
    assertEquals(sctp.cwnd, 9000);
    setSctpPath(pair.left, { maxPayloadBytes: 1000, maxWindowBytes: 5000 });
    assertEquals(sctp.cwnd, 5000);
  },
);

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
  "a packet of SCTP that is none": ({ left }) =>
    left.dtlsTransports[0].sendData(Buffer.from("no packet at all")),
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
