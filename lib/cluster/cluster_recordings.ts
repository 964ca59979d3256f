import type { RecordingControl } from "../hosting/recording_control.ts";
import { RecordingError } from "../recording/errors.ts";
import type { RecordingTotals } from "../recording/recording_options.ts";
import type { Neighbours } from "./neighbours.ts";

/** Names a node that is to record and can't. */
export function noFolder(node: string): RecordingError {
  return new RecordingError(
    `The session's node, ${node}, has no folder for recordings: start it with ` +
      "--record FOLDER",
  );
}

/**
 * The recordings of a cluster, as one of its nodes sees them: a session is
 * recorded where it lives, and each node has the files of its own.
 */
export class ClusterRecordings implements RecordingControl {
  readonly #own: RecordingControl | undefined;
  readonly #others: Neighbours;
  readonly #node: string;

  /**
   * @param own none where this node has no folder.
   * @param node what people call it.
   */
  constructor(
    own: RecordingControl | undefined,
    others: Neighbours,
    node: string,
  ) {
    this.#own = own;
    this.#others = others;
    this.#node = node;
  }

  /** Where this node's files are. */
  get folder(): string | undefined {
    return this.#own?.folder;
  }

  /** Tells whether a session is recorded by this node. */
  has(id: string): boolean {
    return this.#own?.has(id) ?? false;
  }

  async start(id: string): Promise<void> {
    await (this.#others.has(id)
      ? this.#others.call(id, "startRecording", id)
      : this.#recorder.start(id));
  }

  async stop(id: string): Promise<boolean> {
    return await (this.#others.has(id)
      ? this.#others.call(id, "stopRecording", id)
      : this.#recorder.stop(id));
  }

  /** Says what came of the recordings of this node. */
  counters(): Promise<RecordingTotals> {
    return this.#recorder.counters();
  }

  get #recorder(): RecordingControl {
    if (this.#own !== undefined) return this.#own;
    throw noFolder(this.#node);
  }
}
