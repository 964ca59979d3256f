import type { Logger } from "../../log.ts";
import { PointsError } from "../../points/errors.ts";
import { TRANSFORMS } from "../../ros/message_types.ts";
import { type EncodedFrame, ownCaptureTime } from "../../wire/frame.ts";
import type { DiskBudget } from "../disk_budget.ts";
import { FileSequence } from "../file_sequence.ts";
import type {
  RecordedSession,
  RecordingCounters,
  RecordingOptions,
} from "../recording_options.ts";
import type { TimedMediaFrame } from "../track_reader.ts";
import { CloudMessages, type TypedMessage } from "./cloud_messages.ts";
import { McapFile } from "./mcap_file.ts";
import { MediaMessages } from "./media_messages.ts";
import { PlaceMessages } from "./place_messages.ts";

/** What a recording is made from. */
export interface McapRecordingOptions {
  session: RecordedSession;
  options: RecordingOptions;
  budget: DiskBudget;
  counters: RecordingCounters;
  log: Logger;
  /** Called when a file begins, whose pictures can be seen from a keyframe. */
  onFile?(): void;
}

/** What happens to one message. */
interface Moments {
  /** When it came, milliseconds since the Unix epoch. */
  now: number;
  /** When it was captured, the same. */
  stamp: number;
}

/** Writes one session into an MCAP file, or into one after the other. */
export class McapRecording {
  readonly #given: McapRecordingOptions;
  readonly #clouds: CloudMessages;
  readonly #media = new Map<string, MediaMessages>();
  readonly #files: FileSequence<McapFile>;
  #places = new PlaceMessages();
  #isInvalidTold = false;

  constructor(given: McapRecordingOptions) {
    this.#given = given;
    this.#files = new FileSequence({ ...given, extensions: ["mcap"] });
    this.#clouds = new CloudMessages(given.options.points ?? "pointcloud2");
  }

  /** Writes a cloud, and where it stands. */
  cloud(frame: EncodedFrame, now: number): void {
    const { stream, place = {} } = frame;
    const { frameId = stream } = place;
    const moments = { now, stamp: ownCaptureTime(frame) };
    // Before its message is made: a place is said anew in each file.
    const file = this.#fileAt(now);
    if (file === undefined) return this.#drop();
    const told = this.#places.messageOf(frameId, place, moments.stamp);
    if (told !== undefined) {
      const { topic, data } = told;
      this.#write(file, topic, { schema: TRANSFORMS, data }, moments);
    }
    const message = this.#messageOf(frame, { frameId, stamp: moments.stamp });
    if (message !== undefined) {
      this.#write(file, topicOf(stream), message, moments);
    }
  }

  /**
   * Writes a frame of a track.
   *
   * @param track what it is called, which is its topic too.
   */
  media(track: string, { frame }: TimedMediaFrame, moments: Moments): void {
    const file = this.#fileAt(moments.now);
    if (file === undefined) return this.#drop();
    const messages = this.#media.get(track) ?? new MediaMessages(track);
    this.#media.set(track, messages);
    const message = messages.messageOf(frame, moments.stamp);
    this.#write(file, topicOf(track), message, moments);
  }

  /** Writes what waits. */
  flush(): void {
    this.#files.current?.flush();
  }

  /** Completes the file. It never rejects. */
  async close(): Promise<void> {
    await this.#files.close();
  }

  #messageOf(
    frame: EncodedFrame,
    moment: { frameId: string; stamp: number },
  ): TypedMessage | undefined {
    try {
      return this.#clouds.messageOf(frame, moment);
    } catch (error) {
      if (!(error instanceof PointsError)) throw error;
      this.#drop();
      if (this.#isInvalidTold) return undefined;
      this.#isInvalidTold = true;
      const { stream } = frame;
      this.#given.log.warn("cloud not recorded", { stream, error });
    }
  }

  #write(
    file: McapFile,
    topic: string,
    { schema, data }: TypedMessage,
    { now, stamp }: Moments,
  ): void {
    const message = { logTime: now, publishTime: stamp, data };
    if (!file.add(topic, schema, message)) this.#files.drop({ topic });
  }

  #drop(): void {
    this.#given.counters.dropped++;
  }

  /** The file that is written then; none for a while after one failed. */
  #fileAt(now: number): McapFile | undefined {
    const { current } = this.#files;
    if (current !== undefined && !this.#files.isFull(now)) return current;
    this.#files.end();
    return this.#files.isPaused(now) ? undefined : this.#begin(now);
  }

  #begin(now: number): McapFile {
    const { session, options: { version = "" }, budget } = this.#given;
    const description = {
      library: `pointwire ${version}`,
      name: "pointwire",
      entries: new Map([
        ["session", session.name],
        ["id", session.id],
        ["start", session.start],
        ["pointwire", version],
      ]),
    };
    const file = this.#files.begin(
      now,
      (path, events) =>
        new McapFile(`${path}.mcap`, { budget, description, ...events }),
    );
    this.#places = new PlaceMessages();
    this.#given.onFile?.();
    return file;
  }
}

/** As ROS has it, whether the name has its slash or not. */
function topicOf(name: string): string {
  return `/${name.replace(/^\/+/, "")}`;
}
