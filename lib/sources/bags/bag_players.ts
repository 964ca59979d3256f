import { SourceError } from "../errors.ts";
import { BagPlayer, type BagPlayerOptions } from "./bag_player.ts";
import type { PlayingOptions } from "./playing.ts";
import { openBag, type OpenBagOptions } from "./open_bag.ts";

/** A player that somebody uses; disposed of, it is let go. */
export interface UsedPlayer extends AsyncDisposable {
  readonly player: BagPlayer;
}

interface Open {
  /** Where the bag is. */
  path: string;
  /** How it is played, as a text. */
  how: string;
  opening: Promise<BagPlayer>;
  /** Once it is open. */
  player?: BagPlayer;
}

/**
 * The bags of a program, each with one player: clouds and pictures of one bag
 * share it, and so its clock.
 */
export class BagPlayers {
  readonly #options: OpenBagOptions;
  readonly #open = new Set<Open>();

  constructor(options: OpenBagOptions) {
    this.#options = options;
  }

  /** Those that somebody uses. */
  get players(): readonly BagPlayer[] {
    return [...this.#open].flatMap(({ player }) => player ?? []);
  }

  /**
   * Opens a bag, or shares the player of one that is to be played alike and
   * hasn't begun.
   *
   * @throws {SourceError} for what is no bag.
   */
  async use(path: string, playing: PlayingOptions): Promise<UsedPlayer> {
    const where = await realPath(path);
    const how = textOf(playing);
    return await this.#share((open) =>
      open.path === where && open.how === how
    ) ?? await this.#start(path, playing, { path: where, how });
  }

  /**
   * Shares the player of a bag, however it is played, or opens it.
   *
   * @param playing how, where nobody else plays it.
   * @throws {SourceError} for what is no bag.
   */
  async join(path: string, playing: PlayingOptions): Promise<UsedPlayer> {
    const where = await realPath(path);
    return await this.#share((open) => open.path === where) ??
      await this.use(path, playing);
  }

  async #share(
    isWanted: (open: Open) => boolean,
  ): Promise<UsedPlayer | undefined> {
    for (const open of this.#open) {
      if (!isWanted(open)) continue;
      const player = await open.opening;
      if (!player.hasBegun && !player.isOver) return usedOf(player);
    }
  }

  async #start(
    path: string,
    playing: PlayingOptions,
    key: { path: string; how: string },
  ): Promise<UsedPlayer> {
    const opening = this.#openPlayer(path, {
      ...playing,
      log: this.#options.log,
      onUnused: () => this.#open.delete(open),
    });
    const open: Open = { ...key, opening };
    this.#open.add(open);
    try {
      return usedOf(open.player = await opening);
    } catch (error) {
      this.#open.delete(open);
      throw error;
    }
  }

  async #openPlayer(
    path: string,
    options: BagPlayerOptions,
  ): Promise<BagPlayer> {
    const { start = 0, log } = options;
    const bag = await openBag(path, this.#options);
    const seconds = (bag.end - bag.start) / 1000;
    if (!(start <= seconds)) {
      bag[Symbol.dispose]();
      throw new SourceError(
        seconds >= 0
          ? `--start ${start} is behind the end of ${path}, which has ` +
            `${seconds.toFixed(1)} seconds`
          : `${path} has no messages`,
      );
    }
    if (bag.damage !== undefined) {
      log.warn("a bag is damaged, and played up to there", {
        file: path,
        why: bag.damage,
      });
    }
    return new BagPlayer(bag, options);
  }
}

function usedOf(player: BagPlayer): UsedPlayer {
  const used = player.use();
  return {
    player,
    [Symbol.asyncDispose]: () => used[Symbol.asyncDispose](),
  };
}

function textOf(
  { speed = 1, start = 0, loop = false, fixedFrame }: PlayingOptions,
): string {
  return JSON.stringify([speed, start, loop, fixedFrame]);
}

/** The one path of a file that has several. */
async function realPath(path: string): Promise<string> {
  try {
    return await Deno.realPath(path);
  } catch {
    return path;
  }
}
