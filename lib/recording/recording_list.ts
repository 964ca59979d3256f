import { PointsError } from "../points/errors.ts";
import { BagFile } from "../sources/bags/bag_file.ts";
import { SourceError } from "../sources/errors.ts";
import { matchesName } from "../session_name.ts";
import type { ListedRecording } from "./listed_recording.ts";
import { type McapFacts, readMcapFacts } from "./mcap/mcap_facts.ts";
import {
  fileNameOf,
  type RecordedFile,
  recordedFile,
  startTime,
} from "./recorded_files.ts";
import {
  comparePlaces,
  type ListQuery,
  type RecordingPlace,
} from "./recording_library.ts";

/** Files of a folder that are looked at. */
const MAX_FILES = 100_000;

/** MCAP files that one question has read: the next goes on behind them. */
const MAX_LOOKED_AT = 1_000;

/** Files of which is kept what they say. */
const MAX_KEPT = 2_000;

/** Some recordings in their places, and where there may be more. */
interface FoundPage {
  recordings: { at: number; recording: ListedRecording }[];
  next?: Required<RecordingPlace>;
}

/** What a file says of itself, and of which state of it. */
interface Kept {
  state: string;
  facts: McapFacts | undefined;
}

/** A file, and when it begins. */
type Dated = RecordedFile & { since: number };

/** Files by what they say that they are of. */
type Alike = ReadonlyMap<string | undefined, readonly Dated[]>;

/** What is in a folder of recordings. */
export class RecordingList {
  readonly #folder: string;
  readonly #kept = new Map<string, Kept>();
  #last: Promise<unknown> = Promise.resolve();

  constructor(folder: string) {
    this.#folder = folder;
  }

  /**
   * Lists recordings, the newest first. Questions are answered one after the
   * other: each may read many files.
   *
   * @returns also the place after which there may be more.
   */
  async list(query: ListQuery): Promise<FoundPage> {
    const page = this.#last.then(() => this.#list(query));
    this.#last = page.catch(() => {});
    return await page;
  }

  async #list(
    { session, before, limit, called }: ListQuery,
  ): Promise<FoundPage> {
    const files = await this.#files();
    const all = files.filter(({ isMcap }) => isMcap);
    const alike = Map.groupBy(files, ({ of }) => of);
    const recordings: FoundPage["recordings"] = [];
    let looked = 0;
    let next: FoundPage["next"];
    for (const file of all.slice(indexAfter(all, before))) {
      if (recordings.length === limit || looked === MAX_LOOKED_AT) {
        return { recordings, next };
      }
      next = { name: file.name, at: file.since };
      const isOther = session !== undefined && file.of !== undefined &&
        file.of !== fileNameOf(session);
      if (isOther) continue;
      looked++;
      const listed = await this.#describe(file, alike);
      if (listed === undefined) continue;
      if (session !== undefined && listed.session !== session) continue;
      if (isFor(listed, called)) {
        recordings.push({ at: file.since, recording: listed });
      }
    }
    return { recordings };
  }

  /**
   * Says by names and ids which sessions a file may be of: an MCAP file says
   * it, and others are of those that are called as they are.
   */
  async sessionsOf(file: RecordedFile): Promise<string[][]> {
    const own = file.isMcap
      ? [{ ...file, since: 0 }]
      // The id of a session that a track's file is of is in no other's name.
      : (await this.#files()).filter(({ isMcap, of }) =>
        isMcap && (file.start === undefined || of === file.of)
      ).slice(0, MAX_LOOKED_AT);
    const sessions: string[][] = [];
    for (const mcap of own) {
      const listed = await this.#describe(mcap);
      if (listed === undefined) continue;
      const isOfIt = file.isMcap || file.of === listed.id ||
        file.of === fileNameOf(listed.session);
      if (isOfIt) sessions.push(namesOf(listed));
    }
    return sessions;
  }

  /** All files that recorders may have written, the newest first. */
  async #files(): Promise<Dated[]> {
    const files: Dated[] = [];
    for await (const { name, isFile } of Deno.readDir(this.#folder)) {
      const file = isFile ? recordedFile(name) : undefined;
      if (file === undefined) continue;
      const since = file.start === undefined
        ? (await this.#stat(name))?.mtime?.getTime() ?? 0
        : startTime(file.start);
      files.push({ ...file, since });
      if (files.length >= MAX_FILES) break;
    }
    return files.sort((a, b) => comparePlaces(placeOf(a), placeOf(b)));
  }

  async #describe(
    file: Dated,
    alike: Alike = new Map(),
  ): Promise<ListedRecording | undefined> {
    const stat = await this.#stat(file.name);
    if (stat === undefined) return undefined;
    const facts = await this.#factsOf(file.name, stat);
    if (facts === undefined) return undefined;
    const { session, start, end } = facts;
    const id = session?.id ?? null;
    return {
      name: file.name,
      session: session?.name ?? file.of ?? file.name,
      id,
      start: new Date(start ?? file.since).toISOString(),
      seconds: start === undefined || end === undefined
        ? null
        : (end - start) / 1000,
      bytes: stat.size,
      streams: facts.streams,
      tracks: facts.tracks,
      isComplete: facts.isComplete,
      files: await this.#mediaOf({ ...file, id }, alike),
    };
  }

  /** The media files that began with a recording, or before its next one. */
  async #mediaOf(
    { of, id, since }: Dated & { id: string | null },
    alike: Alike,
  ): Promise<{ name: string; bytes: number }[]> {
    const named = of === undefined ? [] : alike.get(of) ?? [];
    const next = Math.min(
      ...named.filter((file) => file.isMcap && file.since > since)
        .map((file) => file.since),
    );
    const media = [
      ...named.filter((file) => file.since >= since && file.since < next),
      ...id === null ? [] : alike.get(id) ?? [],
    ].filter(({ isMcap }) => !isMcap);
    const found: { name: string; bytes: number }[] = [];
    for (const { name } of media) {
      const stat = await this.#stat(name);
      if (stat !== undefined) found.push({ name, bytes: stat.size });
    }
    return found;
  }

  async #stat(name: string): Promise<Deno.FileInfo | undefined> {
    try {
      return await Deno.lstat(`${this.#folder}/${name}`);
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) return undefined;
      throw error;
    }
  }

  /** What a file says of itself; it is read again when it has changed. */
  async #factsOf(
    name: string,
    { size, mtime }: Deno.FileInfo,
  ): Promise<McapFacts | undefined> {
    const state = `${size} ${mtime?.getTime()}`;
    const kept = this.#kept.get(name);
    this.#kept.delete(name);
    const facts = kept?.state === state
      ? kept.facts
      : await this.#readFacts(name);
    // The one that was asked for the longest time ago is let go of.
    this.#kept.set(name, { state, facts });
    if (this.#kept.size > MAX_KEPT) {
      this.#kept.delete(this.#kept.keys().next().value!);
    }
    return facts;
  }

  async #readFacts(name: string): Promise<McapFacts | undefined> {
    try {
      using file = await BagFile.open(`${this.#folder}/${name}`, name);
      return await readMcapFacts(file);
    } catch (error) {
      const isFile = error instanceof SourceError ||
        error instanceof PointsError;
      if (isFile) return undefined;
      throw error;
    }
  }
}

/** Where the list goes on after a file, though that is gone, or elsewhere. */
function indexAfter(
  files: readonly Dated[],
  before: RecordingPlace | undefined,
): number {
  if (before === undefined) return 0;
  const { name } = before;
  const own = files.findIndex((file) => file.name === name);
  if (own >= 0) return own + 1;
  const { start } = recordedFile(name) ?? {};
  const named = start === undefined ? undefined : startTime(start);
  const at = before.at ?? named;
  if (at === undefined) return files.length;
  const next = files.findIndex((file) =>
    comparePlaces(placeOf(file), { name, at }) > 0
  );
  return next < 0 ? files.length : next;
}

function placeOf({ name, since }: Dated): Required<RecordingPlace> {
  return { name, at: since };
}

function isFor(
  recording: ListedRecording,
  called: readonly string[] | undefined,
): boolean {
  return called === undefined ||
    namesOf(recording).some((name) =>
      called.some((pattern) => matchesName(pattern, name))
    );
}

function namesOf({ session, id }: ListedRecording): string[] {
  return id === null ? [session] : [session, id];
}
