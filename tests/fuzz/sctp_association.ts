/** Two real peers, of which one sends as a model has it. */
import { assert } from "@std/assert";
import { Buffer } from "node:buffer";
import type { RTCDataChannel, RTCPeerConnection } from "werift";
import { CHUNK } from "../../lib/transport/sctp/packet.ts";
import { until } from "../support.ts";
import { connectPair } from "../transport/pair.ts";
import { rawSctpOf, SctpSender } from "./sctp_peer.ts";
import { ModelSender, type Stretch } from "./sctp_model.ts";
import { chunkOf, dataChunk, forwardChunk } from "./sctp_write.ts";

/** Near the end of 32 bits: each association gets beyond it. */
const FIRST_TSN = 0xffff_ff80;
/** DATA_CHANNEL_OPEN of an ordered channel without a name. */
const OPEN = Uint8Array.of(3, ...Array(11).fill(0));

/**
 * What may come beside data at any time, and changes nothing: heartbeats, an
 * ERROR, late chunks of the set-up, and types that are to be passed over.
 */
const BESIDE = [
  [],
  [],
  [],
  [CHUNK.heartbeat, 0, 0, 12, 0, 1, 0, 8, 1, 2, 3, 4],
  [CHUNK.heartbeatAck, 0, 0, 8, 0, 1, 0, 4],
  [CHUNK.error, 0, 0, 8, 0, 13, 0, 4],
  [11, 0, 0, 4], // COOKIE ACK
  [0xbe, 0, 0, 4],
  [0xfe, 3, 0, 8, 1, 2, 3, 4],
  [0x84, 0, 0, 9, 0, 0, 0, 0, 0, 0, 0, 0], // PAD (RFC 4820)
].map((bytes) => Uint8Array.from(bytes));

/** An association of a model that sends, and a real one that takes. */
export class ModelAssociation implements AsyncDisposable {
  readonly #life: AsyncDisposableStack;
  readonly #right: RTCPeerConnection;
  readonly #wire: SctpSender;
  readonly #model: ModelSender;
  readonly #channels = new Map<number, RTCDataChannel>();
  readonly #came = new Map<number, Uint8Array[]>();
  #requests: number;

  static async connect(): Promise<ModelAssociation> {
    await using life = new AsyncDisposableStack();
    const pair = life.use(
      await connectPair({
        // Nobody knows of the channels on the left.
        left: { onError: () => {} },
        right: { onError: () => {} },
        prepare(left) {
          const sctp = rawSctpOf(left);
          sctp.localTsn = sctp.reconfigRequestSeq = FIRST_TSN;
        },
      }),
    );
    const wire = new SctpSender(pair.left);
    await wire.settle();
    return new ModelAssociation(life.move(), pair.right, wire);
  }

  private constructor(
    life: AsyncDisposableStack,
    right: RTCPeerConnection,
    wire: SctpSender,
  ) {
    this.#life = life;
    this.#right = right;
    this.#wire = wire;
    const { tsn, request } = wire.state;
    this.#model = new ModelSender(tsn);
    this.#requests = request;
    right.onDataChannel.subscribe((channel) => {
      const messages: Uint8Array[] = [];
      this.#channels.set(channel.id, channel);
      this.#came.set(channel.id, messages);
      channel.onMessage.subscribe((message) => {
        assert(message instanceof Buffer);
        messages.push(Uint8Array.from(message));
      });
    });
  }

  /** Sends what a stretch has, and holds what comes of it against the model. */
  async play(stretch: Stretch): Promise<void> {
    const streams = new Set(stretch.messages.map(({ stream }) => stream));
    for (const stream of streams) {
      if (this.#channels.has(stream)) continue;
      await this.#wire.sendChunks([
        dataChunk(this.#model.single(stream, 50, OPEN)),
      ]);
    }
    await this.#wire.settle();
    for (const [i, arrival] of this.#model.play(stretch).entries()) {
      const place = stretch.beside[i % stretch.beside.length];
      const beside = BESIDE[place % BESIDE.length];
      const chunks = Array.isArray(arrival)
        ? arrival.map(dataChunk)
        : [forwardChunk(arrival)];
      chunks.splice(place % (chunks.length + 1), 0, beside);
      await this.#wire.sendChunks(chunks);
    }
    await this.#wire.settle();
    for (const [stream, messages] of this.#came) {
      this.#model.assertCame(stream, messages.splice(0));
    }
    const { reset } = stretch;
    if (reset !== undefined && this.#channels.has(reset)) {
      await this.#reset(reset);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#life.disposeAsync();
  }

  /** Resets a stream, which the other side then does too. */
  async #reset(stream: number): Promise<void> {
    const { response } = this.#wire.state;
    const request = this.#requests++;
    await this.#wire.sendChunks([
      chunkOf(CHUNK.reconfig, [
        13 << 16 | 18,
        request,
        response,
        this.#model.lastTsn,
      ], [stream, 0]),
    ]);
    const raw = rawSctpOf(this.#right) as unknown as {
      reconfigRequest: unknown;
      outboundStreamSeq: Record<number, number>;
    };
    const channel = this.#channels.get(stream)!;
    await until(
      () =>
        channel.readyState === "closed" && raw.reconfigRequest === undefined &&
        raw.outboundStreamSeq[stream] === undefined,
      { what: `the reset of stream ${stream}` },
    );
    this.#model.reset(stream);
    this.#channels.delete(stream);
    this.#came.delete(stream);
  }
}
