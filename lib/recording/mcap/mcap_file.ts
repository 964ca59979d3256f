import type { MessageType } from "../../ros/message_types.ts";
import type { DiskBudget } from "../disk_budget.ts";
import { QueuedFile, type QueuedFileOptions } from "../queued_file.ts";
import {
  McapBuilder,
  type McapDescription,
  type McapMessage,
} from "./mcap_builder.ts";

/** Bytes of messages that make a chunk, before it is compressed. */
const CHUNK_BYTES = 4 * 2 ** 20;

/** What a message takes besides its data, in a chunk and its index. */
const MESSAGE_BYTES = 64;

/** Options of a {@linkcode McapFile}. */
export interface McapFileOptions extends QueuedFileOptions {
  description: McapDescription;
  /** What it may hold until it is written. */
  budget: DiskBudget;
}

/** An MCAP file that is being written: messages that don't fit are left out. */
export class McapFile {
  readonly #builder = new McapBuilder();
  readonly #budget: DiskBudget;
  readonly #file: QueuedFile;
  readonly #channels = new Map<string, number>();
  /** Bytes of the budget that the chunk which is being filled has taken. */
  #taken = 0;

  constructor(
    path: string,
    { description, budget, ...events }: McapFileOptions,
  ) {
    this.#budget = budget;
    this.#file = new QueuedFile(path, events);
    void this.#file.append(this.#builder.begin(description));
  }

  get path(): string {
    return this.#file.path;
  }

  get hasFailed(): boolean {
    return this.#file.hasFailed;
  }

  /** Messages that it has. */
  get messages(): number {
    return this.#builder.messages;
  }

  /**
   * Adds a message of a topic, whose channel it makes with its first.
   *
   * @returns whether there is room for it.
   */
  add(
    topic: string,
    schema: MessageType,
    message: Omit<McapMessage, "channel">,
  ): boolean {
    if (this.hasFailed) return false;
    const bytes = message.data.length + MESSAGE_BYTES;
    if (!this.#budget.take(bytes)) return false;
    this.#taken += bytes;
    const key = `${schema.name} ${topic}`;
    let channel = this.#channels.get(key);
    if (channel === undefined) {
      channel = this.#builder.addChannel(topic, schema);
      this.#channels.set(key, channel);
    }
    this.#builder.addMessage({ ...message, channel });
    if (this.#builder.waitingBytes >= CHUNK_BYTES) this.flush();
    return true;
  }

  /** Writes what waits, so that it is kept whatever comes. */
  flush(): void {
    const chunk = this.#builder.flush();
    if (chunk === undefined) return;
    const taken = this.#taken;
    this.#taken = 0;
    void this.#file.append(chunk).then(() => this.#budget.give(taken));
  }

  /** Completes the file. It never rejects. */
  async close(): Promise<void> {
    this.flush();
    if (!this.hasFailed) void this.#file.append(this.#builder.end());
    await this.#file.close();
  }
}
