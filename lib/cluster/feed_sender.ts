import type {
  FeedCarrier,
  FromExport,
  FromMirror,
} from "../hosting/feed_carrier.ts";
import { FeedWriter, PACKET_BYTES, type TrackPacket } from "./feed_codec.ts";
import type { FeedPath, FeedPathEvents } from "./feed_path.ts";
import { readJson } from "./json.ts";

/** Time for which packets wait for others, milliseconds. */
const GATHER_MS = 2;
/** Packets of so many bytes wait no longer. */
const GATHER_BYTES = 16 * 1024;
/** Time between two signs of life where there is nothing new, milliseconds. */
const ALIVE_MS = 1_000;
/** A mirror that says nothing for so long is gone, milliseconds. */
const SILENCE_MS = 5_000;
/** Bytes of packets that are sent without a word from the mirror. */
const MAX_UNHEARD_BYTES = 16 * 1024 * 1024;

/** Counts what feeds take of the network. */
export interface FeedCounts {
  /** Feeds that are sent, or received. */
  feeds: number;
  /** Bytes of their messages so far. */
  bytes: number;
}

/** One end of a feed that is sent, and where it goes. */
export interface FeedSenderOptions {
  /** The session's side. */
  from: FeedCarrier<FromMirror, FromExport>;
  /** Makes this end of the path to the other node. */
  open(events: FeedPathEvents): FeedPath;
  counts: FeedCounts;
  /** Called when it has ended. */
  onEnd(): void;
}

/**
 * Sends the feed of a session of this node to another one, until the session or
 * the mirror ends, or nothing is heard from there any more.
 */
export class FeedSender implements Disposable {
  readonly #options: FeedSenderOptions;
  readonly #writer: FeedWriter;
  readonly #path: FeedPath;
  readonly #life = new DisposableStack();
  #packets: TrackPacket[] = [];
  #packetBytes = 0;
  #gathering: ReturnType<typeof setTimeout> | undefined;
  #unheardBytes = 0;
  #heardAt = performance.now();

  constructor(options: FeedSenderOptions) {
    this.#options = options;
    const { from, open, counts } = options;
    this.#path = this.#life.use(open({
      onMessage: (bytes) => this.#hear(bytes),
      onClosed: () => this[Symbol.dispose](),
    }));
    this.#writer = new FeedWriter(this.#path.maxPayload);
    counts.feeds++;
    this.#life.defer(() => counts.feeds--);
    this.#life.defer(() => clearTimeout(this.#gathering));
    const timer = setInterval(() => this.#look(), ALIVE_MS);
    this.#life.defer(() => clearInterval(timer));
    from.listen((message) => this.#send(message));
  }

  /** Ends it, and lets the session go. */
  [Symbol.dispose](): void {
    if (this.#life.disposed) return;
    this.#life.dispose();
    const { from, onEnd } = this.#options;
    from.send({ type: "leave" });
    from.close();
    onEnd();
  }

  #send(message: FromExport): void {
    if (this.#life.disposed) return;
    if (message.type === "packet") return this.#gather(message);
    this.#flush();
    for (const bytes of this.#writer.write(message)) this.#publish(bytes);
    if (message.type === "end") this[Symbol.dispose]();
  }

  #gather({ track, packet }: FromExport & { type: "packet" }): void {
    const bytes = PACKET_BYTES + packet.payload.length;
    // A mirror that can't keep up asks for a keyframe later.
    if (this.#unheardBytes > MAX_UNHEARD_BYTES) return;
    this.#unheardBytes += bytes;
    this.#packets.push({ track, packet });
    this.#packetBytes += bytes;
    if (this.#packetBytes >= GATHER_BYTES) return this.#flush();
    this.#gathering ??= setTimeout(() => this.#flush(), GATHER_MS);
  }

  #flush(): void {
    clearTimeout(this.#gathering);
    this.#gathering = undefined;
    if (this.#packets.length === 0) return;
    this.#publish(this.#writer.packets(this.#packets));
    this.#packets = [];
    this.#packetBytes = 0;
  }

  #publish(bytes: Uint8Array): void {
    this.#path.send(bytes);
    this.#options.counts.bytes += bytes.length;
  }

  #hear(bytes: Uint8Array): void {
    const message = readJson<FromMirror>(bytes) as FromMirror | undefined;
    if (message === undefined) return;
    this.#heardAt = performance.now();
    this.#unheardBytes = 0;
    if (message.type === "leave") return this[Symbol.dispose]();
    this.#options.from.send(message);
  }

  #look(): void {
    if (performance.now() - this.#heardAt > SILENCE_MS) {
      return this[Symbol.dispose]();
    }
    this.#publish(this.#writer.alive());
  }
}
