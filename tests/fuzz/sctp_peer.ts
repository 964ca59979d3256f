/** A peer that sends packets of its own making under the keys of a session. */
import { Buffer } from "node:buffer";
import type { RTCPeerConnection } from "werift";
import { CHUNK } from "../../lib/transport/sctp/packet.ts";
import { until } from "../support.ts";
import { type ChunkState, packetOf } from "./sctp_write.ts";

/** What of werift's association is looked at. */
interface RawSctp {
  localTsn: number;
  lastReceivedTsn: number;
  localVerificationTag: number;
  remoteVerificationTag: number;
  reconfigRequestSeq: number;
  reconfigResponseSeq: number;
  receiveChunk(chunk: SeenChunk): Promise<void>;
}

/** A chunk as werift has it: its parameters are types and values. */
interface SeenChunk {
  type: number;
  params?: [type: number, value: Buffer][];
}

/** Bytes of what our heartbeats say: the others' say less. */
const INFO_BYTES = 16;

/** Sends SCTP packets in the place of an association that is up. */
export class SctpSender {
  readonly #peer: RTCPeerConnection;
  readonly #sctp: RawSctp;
  #acknowledged = 0;
  #asked = 0;

  /** @param peer one whose association is up, and sends nothing any more. */
  constructor(peer: RTCPeerConnection) {
    this.#peer = peer;
    const sctp = rawSctpOf(peer);
    this.#sctp = sctp;
    const { receiveChunk } = sctp;
    sctp.receiveChunk = (chunk) => {
      if (chunk.type === CHUNK.heartbeatAck) this.#note(chunk.params ?? []);
      return receiveChunk.call(sctp, chunk);
    };
  }

  /** What the numbers of a packet are counted from. */
  get state(): ChunkState {
    const { localTsn, lastReceivedTsn } = this.#sctp;
    return {
      ...{ tsn: localTsn, peerTsn: lastReceivedTsn },
      request: this.#sctp.reconfigRequestSeq,
      response: this.#sctp.reconfigResponseSeq,
      tag: this.#sctp.remoteVerificationTag,
      ownTag: this.#sctp.localVerificationTag,
      sequences: new Map(),
    };
  }

  /** Encrypts a packet and sends it. */
  async send(packet: Uint8Array): Promise<void> {
    await this.#peer.dtlsTransports[0].sendData(Buffer.from(packet));
  }

  /** Sends chunks in a packet. */
  async sendChunks(chunks: readonly Uint8Array[]): Promise<void> {
    await this.send(packetOf(chunks, this.#sctp.remoteVerificationTag));
  }

  /** Waits until the other side has taken all that was sent before. */
  async settle(): Promise<void> {
    const heartbeat = Buffer.alloc(8 + INFO_BYTES);
    heartbeat.writeUInt8(CHUNK.heartbeat, 0);
    heartbeat.writeUInt16BE(heartbeat.length, 2);
    heartbeat.writeUInt16BE(1, 4);
    heartbeat.writeUInt16BE(4 + INFO_BYTES, 6);
    heartbeat.writeUInt32BE(++this.#asked, 8);
    await this.sendChunks([heartbeat]);
    await until(() => this.#acknowledged >= this.#asked, {
      what: "the answer to a heartbeat",
    });
  }

  #note([info]: [type: number, value: Buffer][]): void {
    if (info?.[1].length !== INFO_BYTES) return;
    this.#acknowledged = info[1].readUInt32BE(0);
  }
}

/** werift's association of a peer that has a data channel. */
export function rawSctpOf(peer: RTCPeerConnection): RawSctp {
  return peer.sctpTransport!.sctp as unknown as RawSctp;
}
