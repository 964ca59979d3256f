import { assertEquals } from "@std/assert";
import { testWith } from "../support.ts";
import { createSocket } from "node:dgram";
import {
  RtpInput,
  type SenderReport,
  senderReports,
} from "../../lib/media/rtp_input.ts";

/** A sender report of RFC 3550, section 6.4.1, without report blocks. */
const REPORT = bytes(
  [0x80, 200, 0, 6, 0xde, 0xad, 0xbe, 0xef],
  [0xe9, 0x00, 0x00, 0x01, 0x80, 0, 0, 0, 0xff, 0xff, 0xff, 0xfe],
  [0, 0, 0, 1, 0, 0, 0, 2],
);
const PARSED: SenderReport = {
  ssrc: 0xdeadbeef,
  ntpTimestamp: 0xe9000001_80000000n,
  rtpTimestamp: 0xfffffffe,
};
const DESCRIPTION = bytes([0x81, 202, 0, 2, 0, 0, 0, 1, 1, 1, 97, 0]);
const RECEIVER_REPORT = bytes([0x80, 201, 0, 1, 0, 0, 0, 1]);
const PACKET = bytes([0x80, 96, 0, 1, 0, 0, 0, 2, 0, 0, 0, 3, 42]);

const leavingNothing = { sanitizeResources: true, sanitizeOps: true };

function bytes(...parts: number[][]): Uint8Array {
  return Uint8Array.from(parts.flat());
}

/** Sends datagrams in order to a port of 127.0.0.1. */
async function send(port: number, datagrams: Uint8Array[]): Promise<void> {
  const socket = createSocket("udp4");
  for (const datagram of datagrams) {
    await new Promise<void>((resolve, reject) =>
      socket.send(
        datagram,
        port,
        "127.0.0.1",
        (error) => error ? reject(error) : resolve(),
      )
    );
  }
  await new Promise<void>((resolve) => socket.close(() => resolve()));
}

testWith(
  [],
  "RtpInput delivers RTP packets and drops what is none",
  async () => {
    const received: Uint8Array[] = [];
    const last = Promise.withResolvers<void>();
    await using input = await RtpInput.open({
      onRtp(packet) {
        received.push(packet);
        if (packet.length === 1200) last.resolve();
      },
    });
    const large = new Uint8Array(1200).fill(7);
    large[0] = 0x80;
    const otherVersion = PACKET.with(0, 0x40);
    await send(input.rtpPort, [
      PACKET.subarray(0, 11),
      new Uint8Array(0),
      otherVersion,
      PACKET,
      large,
    ]);
    await last.promise;
    assertEquals(received, [PACKET, large]);
  },
  leavingNothing,
);

testWith(
  [],
  "RtpInput delivers sender reports, and goes on after junk",
  async () => {
    const received = Promise.withResolvers<SenderReport>();
    await using input = await RtpInput.open({
      onRtp() {},
      onSenderReport: received.resolve,
    });
    const junk = bytes([0, 1, 2], [...REPORT]);
    await send(input.rtcpPort, [junk, REPORT.subarray(0, 20), REPORT]);
    assertEquals(await received.promise, PARSED);
  },
  leavingNothing,
);

testWith([], "RtpInput frees its ports when it is closed", async () => {
  const input = await RtpInput.open({ onRtp() {} });
  await Promise.all([input.close(), input.close()]);
  for (const port of [input.rtpPort, input.rtcpPort]) {
    const socket = createSocket("udp4");
    await new Promise<void>((resolve, reject) => {
      socket.once("error", reject);
      socket.bind(port, "127.0.0.1", resolve);
    });
    await new Promise<void>((resolve) => socket.close(() => resolve()));
  }
}, leavingNothing);

Deno.test("senderReports() finds a report anywhere in a compound packet", () => {
  const compounds = [
    [REPORT],
    [REPORT, DESCRIPTION],
    [RECEIVER_REPORT, DESCRIPTION, REPORT],
  ];
  for (const parts of compounds) {
    const compound = bytes(...parts.map((part) => [...part]));
    assertEquals([...senderReports(compound)], [PARSED]);
  }
});

Deno.test("senderReports() reads a view into a larger buffer", () => {
  const buffer = bytes([1, 2, 3], [...REPORT], [4]);
  const view = buffer.subarray(3, 3 + REPORT.length);
  assertEquals([...senderReports(view)], [PARSED]);
});

Deno.test("senderReports() finds nothing in what is malformed", () => {
  const malformed = [
    new Uint8Array(0),
    REPORT.subarray(0, 3),
    REPORT.subarray(0, 27),
    REPORT.with(0, 0x40),
    REPORT.with(3, 7),
    // Too short for what it says it is, though its length is right.
    bytes([0x80, 200, 0, 1, 0, 0, 0, 1]),
    RECEIVER_REPORT,
  ];
  for (const packet of malformed) {
    assertEquals([...senderReports(packet)], []);
  }
});
