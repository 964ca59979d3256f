/** A topic of a bag. */
export interface BagTopic {
  /** As ROS has it, with the slash that it begins with. */
  readonly name: string;
  /** The type of its messages. */
  readonly type: string;
  /** How they are serialised, as the bag says it. */
  readonly encoding: string;
}

/** A message of a bag. */
export interface BagMessage {
  readonly topic: BagTopic;
  /** When it was recorded, milliseconds since the Unix epoch. */
  readonly logTime: number;
  /** A view of what was read, which nobody changes. */
  readonly data: Uint8Array;
}

/** Which messages are wanted. */
export interface MessageQuery {
  topics: ReadonlySet<BagTopic>;
  /** Leaves out those before, milliseconds since the Unix epoch. */
  from: number;
}

/** A recording of messages, read as it is asked for. */
export interface Bag extends Disposable {
  readonly topics: readonly BagTopic[];
  /** When its first and last messages were recorded, milliseconds. */
  readonly start: number;
  readonly end: number;
  /** Why it ends before its end, where it does: a clause. */
  readonly damage?: string;
  /**
   * Reads messages in the order of their times. One pass after the other.
   *
   * @throws {SourceError} where the file can't be read any more.
   */
  messages(query: MessageQuery): AsyncIterable<BagMessage>;
  /** Counts the messages of each topic. */
  countMessages(): Promise<ReadonlyMap<BagTopic, number>>;
}
