import { createSocket, type Socket } from "node:dgram";
import type { ClockPair } from "./rtp_clock.ts";

/** What a sender report says of its stream. */
export interface SenderReport extends ClockPair {
  /** The stream that it is of. */
  ssrc: number;
}

/** What an {@linkcode RtpInput} gives. */
export interface RtpInputEvents {
  /** Called with each packet; it is the receiver's to keep. */
  onRtp(packet: Uint8Array): void;
  /** Called with each sender report. */
  onSenderReport?(report: SenderReport): void;
}

/**
 * Receives one RTP stream and its RTCP from a program on this machine, at two
 * free ports of 127.0.0.1.
 *
 * Datagrams of more than 2048 bytes are cut off, those from elsewhere or not of
 * RTP version 2 are dropped.
 */
export class RtpInput implements AsyncDisposable {
  readonly rtpPort: number;
  readonly rtcpPort: number;
  readonly #sockets: [Socket, Socket];
  #closed?: Promise<void>;

  private constructor(rtp: Socket, rtcp: Socket) {
    this.#sockets = [rtp, rtcp];
    this.rtpPort = rtp.address().port;
    this.rtcpPort = rtcp.address().port;
  }

  /**
   * Binds the two sockets and delivers from then on.
   *
   * @throws {Error} of node:dgram when no socket can be bound.
   */
  static async open(events: RtpInputEvents): Promise<RtpInput> {
    const rtp = await bindSocket((datagram) => {
      if (isRtp(datagram)) events.onRtp(datagram);
    });
    try {
      const rtcp = await bindSocket((datagram) => {
        for (const report of senderReports(datagram)) {
          events.onSenderReport?.(report);
        }
      });
      return new RtpInput(rtp, rtcp);
    } catch (error) {
      await closeSocket(rtp);
      throw error;
    }
  }

  /** Stops delivering; resolves when both sockets are closed. */
  close(): Promise<void> {
    return this.#closed ??= Promise.all(this.#sockets.map(closeSocket))
      .then(() => {});
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}

/**
 * Finds the sender reports in a compound RTCP packet (RFC 3550 section 6.4.1).
 * Anything that isn't well-formed ends the search without an error.
 */
export function* senderReports(compound: Uint8Array): Generator<SenderReport> {
  const view = new DataView(
    compound.buffer,
    compound.byteOffset,
    compound.byteLength,
  );
  let offset = 0;
  while (offset + RTCP_HEADER_BYTES <= view.byteLength) {
    const length = 4 * (view.getUint16(offset + 2) + 1);
    const isWhole = offset + length <= view.byteLength;
    if (view.getUint8(offset) >> 6 !== RTP_VERSION || !isWhole) return;
    const type = view.getUint8(offset + 1);
    if (type === SENDER_REPORT && length >= SENDER_REPORT_BYTES) {
      yield {
        ssrc: view.getUint32(offset + 4),
        ntpTimestamp: view.getBigUint64(offset + 8),
        rtpTimestamp: view.getUint32(offset + 16),
      };
    }
    offset += length;
  }
}

const RTP_VERSION = 2;
const RTP_HEADER_BYTES = 12;
const RTCP_HEADER_BYTES = 4;
const SENDER_REPORT = 200;
const SENDER_REPORT_BYTES = 28;
const LOOPBACK = "127.0.0.1";
const MAX_DATAGRAM_BYTES = 2048;

function isRtp(datagram: Uint8Array): boolean {
  return datagram.byteLength >= RTP_HEADER_BYTES &&
    datagram[0] >> 6 === RTP_VERSION;
}

function bindSocket(
  onDatagram: (datagram: Uint8Array) => void,
): Promise<Socket> {
  const socket = createSocket("udp4");
  socket.on("message", (message, sender) => {
    if (sender.address !== LOOPBACK) return;
    onDatagram(
      new Uint8Array(message.buffer, message.byteOffset, message.byteLength),
    );
  });
  return new Promise((resolve, reject) => {
    const fail = (error: Error) => {
      socket.close();
      reject(error);
    };
    socket.once("error", fail);
    socket.bind(0, LOOPBACK, () => {
      socket.off("error", fail);
      // Nothing can be done about later errors, and one that nobody listens to
      // would end the process.
      socket.on("error", () => {});
      // In Deno this sets what it allocates for each datagram, 64 KiB by
      // default, and leaves the kernel's buffer alone.
      socket.setRecvBufferSize(MAX_DATAGRAM_BYTES);
      resolve(socket);
    });
  });
}

function closeSocket(socket: Socket): Promise<void> {
  return new Promise((resolve) => socket.close(() => resolve()));
}
