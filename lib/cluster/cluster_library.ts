import { PendingLists } from "../recording/pending_lists.ts";
import type { RecordingFolder } from "../recording/recording_folder.ts";
import {
  comparePlaces,
  type ListQuery,
  type PlacedRecording,
  type RecordingLibrary,
  type RecordingPage,
  type StoredFile,
} from "../recording/recording_library.ts";
import type { Bus } from "./bus.ts";
import type { FarNode } from "./directory.ts";
import { farFile } from "./far_files.ts";
import type { Neighbours } from "./neighbours.ts";
import type { Subjects } from "./subjects.ts";

export interface ClusterLibraryOptions {
  /** This node's own. @default {it has none} */
  own: RecordingFolder | undefined;
  others: Neighbours;
  bus: Bus;
  subjects: Subjects;
  /** What people call this node. */
  node: string;
}

/**
 * The recordings of all nodes, as one of them hands them out: those of a node
 * that doesn't answer are left out. Of files of one name, as nodes have that
 * share a folder, one is there.
 */
export class ClusterLibrary implements RecordingLibrary {
  readonly #options: ClusterLibraryOptions;
  readonly #lists = new PendingLists((query) => this.#page(query));

  constructor(options: ClusterLibraryOptions) {
    this.#options = options;
  }

  /** Whether any node has a folder. */
  get isThere(): boolean {
    return this.#options.own !== undefined || this.#librarians.length > 0;
  }

  /**
   * Lists the recordings of all nodes, the newest first.
   *
   * @throws {LimitError} where too many lists are asked for.
   */
  list(query: ListQuery): Promise<RecordingPage> {
    return this.#lists.list(query);
  }

  async #page(query: ListQuery): Promise<RecordingPage> {
    const { own, others, node } = this.#options;
    const asked = this.#librarians.map(async ({ info }) => {
      const text = JSON.stringify(query);
      const page = await others.ask(info.instance, "listRecordings", text);
      return named(page, info.name);
    });
    const pages = asked.map((page) => page.catch(() => NOTHING));
    if (own !== undefined) {
      pages.unshift(own.list(query).then((page) => named(page, node)));
    }
    return mergePages(await Promise.all(pages), query.limit);
  }

  /** Opens a file of this node, or else of another. */
  async open(name: string): Promise<StoredFile | undefined> {
    const { own, others, bus, subjects } = this.#options;
    const file = await own?.open(name);
    if (file !== undefined) return file;
    const asked = this.#librarians.map(async ({ info: { instance } }) => {
      const find = (hasSessions: boolean) =>
        others.ask(instance, "findRecording", name, hasSessions);
      const facts = await find(false);
      if (facts === null) throw new Error(`${name} is not there`);
      const sessions = async () => (await find(true))?.sessions ?? [];
      return farFile(bus, subjects.files(instance), facts, sessions);
    });
    return await Promise.any(asked).catch(() => undefined);
  }

  get #librarians(): FarNode[] {
    const { nodes } = this.#options.others.directory;
    return nodes.filter(({ info }) => info.hasRecordings);
  }
}

const NOTHING: RecordingPage = { recordings: [] };

/** The page, with the name of its node in each recording. */
function named(
  { recordings, next }: RecordingPage,
  node: string,
): RecordingPage {
  const all = recordings.map(({ at, recording }) => ({
    ...{ at, recording: { ...recording, node } },
  }));
  return { recordings: all, next };
}

/** Makes one page of several: as far as all of them go. */
export function mergePages(
  pages: RecordingPage[],
  limit: number,
): RecordingPage {
  const placeOf = ({ at, recording: { name } }: PlacedRecording) => ({
    ...{ at, name },
  });
  // Behind the end of one there may be what isn't known yet.
  const ends = pages.flatMap(({ next }) =>
    next?.at === undefined ? [] : [{ name: next.name, at: next.at }]
  ).sort(comparePlaces);
  const [end] = ends;
  const all = pages.flatMap(({ recordings }) => recordings)
    .filter((one) => !end || comparePlaces(placeOf(one), end) <= 0)
    .sort((a, b) => comparePlaces(placeOf(a), placeOf(b)));
  const names = new Set<string>();
  const once = all.filter(({ recording: { name } }) =>
    !names.has(name) && names.add(name)
  );
  if (once.length <= limit) return { recordings: once, next: end };
  const recordings = once.slice(0, limit);
  return { recordings, next: placeOf(recordings[limit - 1]) };
}
