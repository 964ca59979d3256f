/** Bags with bytes that aren't theirs: they play, or are refused by name. */
import { assertEquals } from "@std/assert";
import { createLogger } from "../../../lib/log.ts";
import { openBag } from "../../../lib/sources/bags/open_bag.ts";
import { SourceError } from "../../../lib/sources/errors.ts";
import { testWith } from "../../support.ts";
import { writeBagsWith } from "./write_bags.ts";

const TRIES = 100;

/** Numbers from 0 to below `most`, the same for each seed (mulberry32). */
function dice(seed: number): (most: number) => number {
  let state = seed;
  return (most) => {
    state = state + 0x6d2b79f5 | 0;
    let t = Math.imul(state ^ state >>> 15, 1 | state);
    t = t + Math.imul(t ^ t >>> 7, 61 | t) ^ t;
    return ((t ^ t >>> 14) >>> 0) % most;
  };
}

/** Puts bytes anywhere, or takes some away. */
function damage(bytes: Uint8Array, roll: (most: number) => number) {
  const damaged = bytes.slice();
  for (let i = roll(6); i >= 0; i--) {
    damaged[roll(damaged.length)] = [0, 0xff, 0x7f, roll(256)][roll(4)];
  }
  return roll(4) > 0 ? damaged : damaged.subarray(0, roll(damaged.length));
}

testWith(
  ["bag writers"],
  "A damaged bag is played as far as it goes, or refused",
  async () => {
    await using folder = await writeBagsWith("write_bags.py");
    const log = createLogger({ write: () => {} });
    const names = [
      ...["ros1.bag", "ros1_lz4.bag", "ros1_bz2.bag", "zstd.mcap"],
      ...["lz4.mcap", "unchunked.mcap", "unindexed.mcap"],
    ];
    for (const name of names) {
      const bytes = await Deno.readFile(`${folder.path}/${name}`);
      const path = `${folder.path}/damaged_${name}`;
      let most = 0;
      for (let seed = 0; seed < TRIES; seed++) {
        await Deno.writeFile(path, damage(bytes, dice(seed)));
        try {
          using bag = await openBag(path, { log });
          const topics = new Set(bag.topics);
          const messages = bag.messages({ topics, from: -Infinity });
          most = Math.max(most, (await Array.fromAsync(messages)).length);
        } catch (error) {
          if (!(error instanceof SourceError)) {
            throw new Error(`${name} of seed ${seed}`, { cause: error });
          }
        }
      }
      assertEquals(most, 41, name);
    }
  },
);
