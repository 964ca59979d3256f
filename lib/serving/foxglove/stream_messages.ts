import type { FrameConverter } from "../../hosting/frame_converter.ts";
import type { ForwardingCounters } from "../../session/snapshot.ts";
import type { EncodedFrame } from "../../wire/frame.ts";
import { type ChannelMessage, createMessage } from "./channel_message.ts";
import { streamFrame } from "./frame_names.ts";

export interface StreamMessagesOptions {
  /** Name of the session. */
  session: string;
  converter: Pick<FrameConverter, "convert">;
  /** Where the clouds are counted. */
  forwarded: ForwardingCounters;
  onMessage(message: ChannelMessage): void;
  /** Called with why a frame could not be converted. */
  onError(error: unknown): void;
}

/**
 * The clouds of one stream as sensor_msgs/PointCloud2. One is converted at a
 * time; of those that come meanwhile the newest follows.
 */
export class StreamMessages {
  readonly #options: StreamMessagesOptions;
  #isBusy = false;
  #next: EncodedFrame | undefined;
  #newest: ChannelMessage | undefined;

  constructor(options: StreamMessagesOptions) {
    this.#options = options;
  }

  /** The newest, for one who subscribes late. */
  get newest(): ChannelMessage | undefined {
    return this.#newest;
  }

  /** Takes the next frame of the stream. */
  push(frame: EncodedFrame): void {
    if (this.#next !== undefined) this.#options.forwarded.framesDropped++;
    this.#next = frame;
    if (!this.#isBusy) void this.#convertAll();
  }

  async #convertAll(): Promise<void> {
    this.#isBusy = true;
    while (this.#next !== undefined) {
      const frame = this.#next;
      this.#next = undefined;
      await this.#convert(frame).catch(this.#options.onError);
    }
    this.#isBusy = false;
  }

  async #convert(frame: EncodedFrame): Promise<void> {
    const { session, converter, forwarded, onMessage } = this.#options;
    const { stream, place = {} } = frame;
    const frameId = streamFrame(session, stream, place);
    const named = { ...frame, place: { ...place, frameId } };
    this.#newest = createMessage(
      await converter.convert(named, "pointcloud2"),
      { key: `${session} ${stream}`, order: "newest", forwarded },
    );
    onMessage(this.#newest);
  }
}
