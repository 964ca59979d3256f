/** How a bag is played: stopped, at other speeds, from another moment. */
import { assertAlmostEquals, assertEquals } from "@std/assert";
import { createLogger } from "../../../lib/log.ts";
import type { Bag, BagTopic } from "../../../lib/sources/bags/bag.ts";
import { BagPlayer } from "../../../lib/sources/bags/bag_player.ts";
import { Playback } from "../../../lib/sources/bags/playback.ts";
import { FakeClock } from "../../fake_clock.ts";
import { until } from "../../support.ts";

const START = 1_700_000_000_000;
const CLOUDS: BagTopic = {
  ...{ name: "/points", type: "sensor_msgs/PointCloud2", encoding: "cdr" },
};
const OTHERS: BagTopic = { ...CLOUDS, name: "/others" };

/** A minute of two topics, each with a message every 100 ms. */
function minute(): Bag {
  return {
    topics: [CLOUDS, OTHERS],
    start: START,
    end: START + 60_000,
    async *messages({ topics, from }) {
      for (let ms = 0; ms <= 60_000; ms += 100) {
        if (START + ms < from) continue;
        for (const topic of topics) {
          yield { topic, logTime: START + ms, data: new Uint8Array() };
        }
      }
    },
    countMessages: () => Promise.resolve(new Map()),
    [Symbol.dispose]() {},
  };
}

/** A player of a minute, and the seconds of the messages that it played. */
function playing(options: { start?: number; loop?: boolean } = {}) {
  const clock = new FakeClock();
  const log = createLogger({ level: "error" });
  const player = new BagPlayer(minute(), { ...options, clock, log });
  const played: number[] = [];
  let ended = false;
  const listening = [CLOUDS, OTHERS].map((topic) =>
    player.listen(topic, {
      begins: topic === CLOUDS,
      onMessage: ({ message: { logTime } }) => {
        if (topic === CLOUDS) played.push((logTime - START) / 1000);
      },
      onEnd: () => ended = true,
    })
  );
  player.begin();
  return {
    ...{ player, played, playback: new Playback(() => [player]) },
    /** Has time pass once the player waits for it. */
    async pass(seconds: number) {
      await until(() => clock.sleeping > 0, { what: "the player to wait" });
      await clock.advance(seconds * 1000);
      await until(() => clock.sleeping > 0 || ended, {
        what: "the player to wait again",
      });
    },
    async [Symbol.asyncDispose]() {
      for (const one of listening) await one[Symbol.asyncDispose]();
    },
  };
}

Deno.test("A player that stands gives nothing, and goes on from there", async () => {
  await using it = playing();
  const { playback, played } = it;
  await it.pass(1);
  assertEquals(played.at(-1), 1);
  playback.togglePause();
  const { length } = played;
  await it.pass(100);
  assertEquals(played.length, length);
  assertEquals(playback.state, {
    ...{ position: 1, duration: 60, speed: 1, isPaused: true },
  });
  playback.togglePause();
  await it.pass(0.5);
  assertEquals(played.slice(length), [1.1, 1.2, 1.3, 1.4, 1.5]);
});

Deno.test("A player goes to where it is sent, and no message before comes", async () => {
  await using it = playing({ start: 10 });
  const { playback, played } = it;
  await it.pass(1);
  assertEquals([played[0], played.at(-1)], [10, 11]);
  for (
    const [act, at] of [
      [() => playback.skip(20), 31],
      [() => playback.skip(-5), 27],
      [() => playback.skip(-500), 0],
      [() => playback.restart(), 10],
    ] satisfies [() => void, number][]
  ) {
    const { length } = played;
    act();
    assertAlmostEquals(playback.state!.position, at, 1e-6);
    await it.pass(1);
    assertEquals([played[length], played.at(-1)], [at, at + 1]);
    playback.skip(0);
  }
});

Deno.test("A player that stands shows what is where it is sent", async () => {
  await using it = playing();
  const { playback, played } = it;
  await it.pass(1);
  playback.togglePause();
  const { length } = played;
  playback.skip(29);
  await until(() => played.length > length, { what: "the cloud there" });
  await it.pass(100);
  assertEquals(played.slice(length), [30]);
  assertEquals(playback.state!.position, 30);
  playback.togglePause();
  await it.pass(0.2);
  assertEquals(played.slice(length), [30, 30.1, 30.2]);
});

Deno.test("A player changes its speed while it plays", async () => {
  await using it = playing();
  const { playback, played } = it;
  playback.scaleSpeed(2);
  await it.pass(1);
  assertEquals(played.at(-1), 2);
  playback.scaleSpeed(2);
  assertEquals(playback.state!.speed, 4);
  await it.pass(1);
  assertEquals(played.at(-1), 6);
  playback.resetSpeed();
  await it.pass(1);
  assertEquals(played.at(-1), 7);
});

Deno.test("A player that is sent past the end gives what is last there", async () => {
  await using it = playing();
  const { playback, played } = it;
  await it.pass(1);
  playback.skip(1_000);
  await until(() => played.at(-1) === 60, { what: "the last" });
});

Deno.test("A player begins again after its end, and can be sent on", async () => {
  await using it = playing({ loop: true, start: 59 });
  const { playback, played } = it;
  await it.pass(1.05);
  await it.pass(0.5);
  assertEquals(played.filter((at) => at === 59).length, 2);
  const { length } = played;
  const { position } = playback.state!;
  playback.skip(-20);
  await it.pass(1);
  assertAlmostEquals(played[length], position - 20, 0.11);
});
