/**
 * The clouds of a publisher without a peer connection, carried over a message
 * port to where its session lives: one side posts, the other takes.
 */
import { areSameLayouts, type CloudLayout } from "../points/cloud.ts";
import type { FrameCodec } from "../points/codec.ts";
import { createDecoder } from "../points/codecs.ts";
import { PointsError } from "../points/errors.ts";
import { decodePcd } from "../points/pcd/pcd.ts";
import { decodePly } from "../points/ply/ply.ts";
import { decodePointCloud2 } from "../points/pointcloud2/pointcloud2.ts";
import { RawEncoder, XYZ_LAYOUT } from "../points/raw/codec.ts";
import type { Session } from "../session/session.ts";
import {
  FRAME_HEADER_BYTES,
  type FrameInfo,
  writeChunkHeader,
} from "../wire/frame.ts";
import {
  fieldsMessage,
  parseClientMessage,
  parseServerMessage,
} from "../wire/messages.ts";
import { ToldPlace } from "../wire/stream_place.ts";
import type { HostError } from "./host_error.ts";

/** How a posted cloud is written down. */
export type PostedFormat = "npy" | "pcd" | "ply" | "pointcloud2" | "cloudini";

/** What is posted of a stream. */
export type Posted =
  & { stream: string }
  & (
    | {
      type: "cloud";
      format: PostedFormat;
      bytes: Uint8Array<ArrayBuffer>;
      /** Milliseconds since the Unix epoch. @default now, or what it says */
      captureTime?: number;
    }
    /** A message of a `pointwire.v1` channel. */
    | { type: "message"; message: Uint8Array<ArrayBuffer> | string }
  );

/** The answer to each, in the order in which they were posted. */
interface Taken {
  /** What is wrong with it, in a sentence. */
  mistake?: string;
}

/** Posts clouds, and waits until each is taken. */
export class CloudPoster {
  readonly #port: MessagePort;
  readonly #waiting: PromiseWithResolvers<string | undefined>[] = [];
  #over: HostError | undefined;

  constructor(port: MessagePort) {
    this.#port = port;
    port.onmessage = ({ data }: MessageEvent<Taken>) =>
      this.#waiting.shift()?.resolve(data.mistake);
  }

  /** Why it is over; nothing while its session lives. */
  get over(): HostError | undefined {
    return this.#over;
  }

  /**
   * Posts a cloud, whose bytes are moved.
   *
   * @returns what is wrong with it, in a sentence, where it can't be read.
   * @throws {HostError} where its session is over.
   */
  post(posted: Posted): Promise<string | undefined> {
    if (this.#over !== undefined) return Promise.reject(this.#over);
    const taken = Promise.withResolvers<string | undefined>();
    this.#waiting.push(taken);
    const given = posted.type === "cloud" ? posted.bytes : posted.message;
    const moved = typeof given === "string" ? [] : [given.buffer];
    this.#port.postMessage(posted, moved);
    return taken.promise;
  }

  /** Its session is over; `why` is thrown from now on. */
  end(why: HostError): void {
    this.#over ??= why;
    this.#port.close();
    for (const { reject } of this.#waiting.splice(0)) reject(this.#over);
  }
}

/** Has a session take what is posted, until it is over. */
export function takePosted(session: Session, port: MessagePort): void {
  const streams = new Map<string, StreamIntake>();
  port.onmessage = ({ data: posted }: MessageEvent<Posted>) => {
    const { stream } = posted;
    const intake = streams.get(stream) ?? new StreamIntake(session, stream);
    streams.set(stream, intake);
    const mistake = intake.take(posted);
    // Where it broke a limit, the end of the session is the answer.
    if (session.endCode !== undefined) return;
    port.postMessage({ mistake } satisfies Taken);
  };
  void session.closed.then(() => port.close());
}

/** Makes messages of a `pointwire.v1` channel of what is posted of a stream. */
class StreamIntake {
  readonly #session: Session;
  readonly #stream: string;
  readonly #raw = new RawEncoder("raw");
  readonly #place = new ToldPlace();
  #layout: CloudLayout = XYZ_LAYOUT;

  constructor(session: Session, stream: string) {
    this.#session = session;
    this.#stream = stream;
  }

  /** @returns what is wrong with it, in a sentence. */
  take(posted: Posted): string | undefined {
    if (posted.type === "message") return this.#takeMessage(posted.message);
    const { format, bytes, captureTime } = posted;
    try {
      switch (format) {
        case "npy":
        case "cloudini":
          return this.#takeEncoded(format, bytes, captureTime);
        case "pcd":
          return this.#takeCloud(decodePcd(bytes), captureTime);
        case "ply":
          return this.#takeCloud(decodePly(bytes), captureTime);
        case "pointcloud2": {
          const { cloud, frameId, stamp } = decodePointCloud2(bytes);
          if (frameId !== "") this.#tellPlace(frameId);
          return this.#takeCloud(cloud, captureTime ?? (stamp || undefined));
        }
      }
    } catch (error) {
      if (!(error instanceof PointsError)) throw error;
      this.#session.fed.refuse(this.#stream, error);
      return error.message;
    }
  }

  /** What a server says to those who watch is passed over. */
  #takeMessage(message: Uint8Array | string): string | undefined {
    const isServers = typeof message === "string" &&
      parseClientMessage(message) === undefined &&
      parseServerMessage(message) !== undefined;
    return isServers ? undefined : this.#receive(message);
  }

  #takeEncoded(
    codec: FrameCodec,
    bytes: Uint8Array,
    captureTime: number | undefined,
  ): string | undefined {
    const { points } = createDecoder(codec).inspect(bytes);
    return this.#takeFrame(bytes, { codec, points, captureTime });
  }

  #takeCloud(
    cloud: Parameters<RawEncoder["encode"]>[0],
    captureTime: number | undefined,
  ): string | undefined {
    const { codec, bytes, shape } = this.#raw.encode(cloud);
    if (!areSameLayouts(shape, this.#layout)) {
      this.#layout = shape;
      const mistake = this.#receive(JSON.stringify(fieldsMessage(shape)));
      if (mistake !== undefined) return mistake;
    }
    return this.#takeFrame(bytes, { codec, points: shape.points, captureTime });
  }

  #takeFrame(
    bytes: Uint8Array,
    { captureTime = Date.now(), ...info }:
      & Omit<FrameInfo, "number" | "captureTime">
      & { captureTime: number | undefined },
  ): string | undefined {
    const number = this.#session.nextNumber(this.#stream);
    const message = new Uint8Array(FRAME_HEADER_BYTES + bytes.length);
    const whole = { chunk: 0, chunks: 1 };
    writeChunkHeader(message, { ...info, number, captureTime, ...whole });
    message.set(bytes, FRAME_HEADER_BYTES);
    return this.#receive(message);
  }

  #tellPlace(frameId: string): void {
    if (!this.#place.isNews({ frameId })) return;
    this.#receive(JSON.stringify({ type: "stream", frameId }));
  }

  #receive(message: Uint8Array | string): string | undefined {
    return this.#session.fed.receive(this.#stream, message)?.message;
  }
}
