import { assertEquals } from "@std/assert";
import { Follower, type FollowState } from "../../lib/viewer/follower.ts";
import {
  MOST_PLAYED,
  type PlayerFor,
  SessionPlayers,
} from "../../lib/viewer/session_players.ts";

/** Sessions that are live, by their names. */
function live(...names: string[]) {
  return names.map((name) => ({
    ...{ id: `id-${name}`, name, resumes: null, state: "connected" },
    createdAt: "2026-11-29T12:00:00Z",
  }));
}

/** Players that play at once whatever there is. */
function playing(asked?: string) {
  let now = 0;
  const create = ({ key, asked, title }: PlayerFor) => {
    let state: FollowState = { kind: "idle" };
    const follower = new Follower(
      (_id, connected, signal) => {
        connected();
        return new Promise((resolve) =>
          signal.addEventListener("abort", () => resolve("stopped"))
        );
      },
      { onState: (next) => state = next, onStream: () => {} },
      { asked },
    );
    return {
      ...{ key, title, follower },
      get state() {
        return state;
      },
      [Symbol.dispose]: () => follower[Symbol.dispose](),
    };
  };
  const players = new SessionPlayers({
    ...{ asked, create },
    clock: { now: () => now },
  });
  return {
    players,
    pass: (ms: number) => now += ms,
    keys: () => players.list.map(({ key }) => key),
  };
}

Deno.test("without a group one session is played, the one that is asked for", () => {
  const { players, keys } = playing();
  players.update(live("robot-7/arm"));
  assertEquals(keys(), [""]);
  assertEquals(players.current, "robot-7/arm");
  players.update(live("robot-7/arm", "robot-8"));
  players.ask("robot-8");
  assertEquals(players.current, "robot-8");
  assertEquals(keys(), [""]);
});

Deno.test("nothing is played while it is stopped, until something is asked", () => {
  const { players, keys } = playing("robot-7/");
  players.update(live("robot-7/arm", "robot-8"));
  players.stop();
  players.update(live("robot-7/arm", "robot-8"));
  assertEquals([keys(), players.state.kind], [[], "idle"]);
  players.ask("robot-8");
  assertEquals([keys(), players.current], [[""], "robot-8"]);
  players.stop();
  players.ask("robot-7/");
  assertEquals(keys(), ["robot-7/arm"]);
});

Deno.test("of a group all are played, as they come and go", () => {
  const { players, keys, pass } = playing("robot-7/");
  assertEquals(keys(), []);
  assertEquals(players.state, { kind: "idle" });
  players.update(live("robot-7/base", "robot-7", "robot-70/a", "robot-7/arm"));
  assertEquals(keys(), ["robot-7/arm", "robot-7/base"]);
  assertEquals(players.list.map(({ title }) => title), keys());
  assertEquals(players.state.kind, "live");
  assertEquals(players.current, "robot-7/");

  // One that comes back soon is the same as before.
  const [arm] = players.list;
  players.update(live("robot-7/base"));
  pass(4_000);
  players.update(live("robot-7/base", "robot-7/arm"));
  assertEquals(players.list[0] === arm, true);
  players.update(live("robot-7/base"));
  pass(6_000);
  players.update(live("robot-7/base"));
  assertEquals(keys(), ["robot-7/base"]);

  players.ask("robot-7/base");
  assertEquals(keys(), [""]);
  players.ask("robot-7/");
  assertEquals(keys(), ["robot-7/base"]);
});

Deno.test("those of a group that there is no room for are named", () => {
  const { players, keys } = playing("r/");
  const names = Array.from({ length: 10 }, (_, i) => `r/${i + 1}`);
  players.update(live(...names));
  assertEquals(keys(), names.slice(0, MOST_PLAYED));
  assertEquals(players.leftOut, ["r/9", "r/10"]);
  // Who goes makes room at once.
  players.update(live(...names.slice(1)));
  assertEquals(keys(), [...names.slice(1, MOST_PLAYED), "r/9"]);
  assertEquals(players.leftOut, ["r/10"]);
});
