import type { Logger } from "../../log.ts";
import { PointsError } from "../../points/errors.ts";
import { TRANSFORMS } from "../../ros/message_types.ts";
import { type EncodedFrame, ownCaptureTime } from "../../wire/frame.ts";
import type { DiskBudget } from "../disk_budget.ts";
import { recordingPath } from "../file_names.ts";
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

/** Time until another file is tried after one that failed, milliseconds. */
const RETRY_MS = 60_000;

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

/** A file that is written, and what came of it. */
interface OpenFile {
  mcap: McapFile;
  start: number;
  bytes: number;
  dropped: number;
}

/** Writes one session into an MCAP file, or into one after the other. */
export class McapRecording {
  readonly #given: McapRecordingOptions;
  readonly #clouds: CloudMessages;
  readonly #media = new Map<string, MediaMessages>();
  readonly #closing = new Set<Promise<void>>();
  #places = new PlaceMessages();
  #file: OpenFile | undefined;
  #failedAt: number | undefined;
  #files = 0;
  #isInvalidTold = false;

  constructor(given: McapRecordingOptions) {
    this.#given = given;
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
    this.#file?.mcap.flush();
  }

  /** Completes the file. It never rejects. */
  async close(): Promise<void> {
    this.#endFile();
    await Promise.all(this.#closing);
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
    file: OpenFile,
    topic: string,
    { schema, data }: TypedMessage,
    { now, stamp }: Moments,
  ): void {
    const message = { logTime: now, publishTime: stamp, data };
    if (file.mcap.add(topic, schema, message)) return;
    this.#drop(file);
    if (file.dropped > 1 || file.mcap.hasFailed) return;
    this.#given.log.warn("recording falls behind: the disk is too slow", {
      file: file.mcap.path,
      topic,
    });
  }

  #drop(file?: OpenFile): void {
    this.#given.counters.dropped++;
    if (file !== undefined) file.dropped++;
  }

  /** The file that is written then; none for a while after one failed. */
  #fileAt(now: number): OpenFile | undefined {
    const { maxBytes = Infinity, maxMs = Infinity } = this.#given.options;
    const file = this.#file;
    if (file !== undefined) {
      const isFull = file.bytes >= maxBytes || now - file.start >= maxMs;
      if (!isFull) return file;
      this.#endFile();
    }
    if (now - (this.#failedAt ?? -Infinity) < RETRY_MS) return undefined;
    return this.#file = this.#open(now);
  }

  #open(now: number): OpenFile {
    const { session, options, budget, counters, log } = this.#given;
    const start = this.#files++ === 0 ? Date.parse(session.start) : now;
    const { name, id } = session;
    const { version = "" } = options;
    const path = recordingPath(options.folder, { name, start }, ["mcap"]);
    const mcap = new McapFile(`${path}.mcap`, {
      budget,
      description: {
        library: `pointwire ${version}`,
        name: "pointwire",
        entries: new Map([
          ["session", name],
          ["id", id],
          ["start", session.start],
          ["pointwire", version],
        ]),
      },
      onWritten: (bytes) => {
        file.bytes += bytes;
        counters.bytes += bytes;
      },
      onFailure: (error) => {
        counters.errors++;
        this.#failedAt = Date.now();
        log.error("recording not whole", { file: mcap.path, error });
        if (this.#file === file) this.#endFile();
      },
    });
    const file: OpenFile = { mcap, start: now, bytes: 0, dropped: 0 };
    this.#places = new PlaceMessages();
    counters.openFiles++;
    this.#given.onFile?.();
    return file;
  }

  #endFile(): void {
    if (this.#file === undefined) return;
    const closing = this.#close(this.#file)
      .then(() => void this.#closing.delete(closing));
    this.#closing.add(closing);
    this.#file = undefined;
  }

  async #close({ mcap, ...file }: OpenFile): Promise<void> {
    const { counters, log } = this.#given;
    await mcap.close();
    counters.openFiles--;
    if (mcap.hasFailed) return;
    const { path, messages } = mcap;
    const { dropped } = file;
    log.info("recorded", { file: path, messages, dropped });
  }
}

/** As ROS has it, whether the name has its slash or not. */
function topicOf(name: string): string {
  return `/${name.replace(/^\/+/, "")}`;
}
