/** Keys that steer a recording while it is played, as mpv has them. */
import type { Playback } from "../sources/bags/playback.ts";
import type { RawTerminal } from "./raw_terminal.ts";

/** What the keys do, in a line. */
export const KEYS_HELP =
  "keys: space pauses, ←/→ 5 s, ↓/↑ a minute, Home, [ ] speed, q ends";

const STEP_S = 5;
const LONG_STEP_S = 60;

type Act = (playback: Playback) => void;

const back: Act = (playback) => playback.skip(-STEP_S);
const forth: Act = (playback) => playback.skip(STEP_S);
const farBack: Act = (playback) => playback.skip(-LONG_STEP_S);
const farForth: Act = (playback) => playback.skip(LONG_STEP_S);
const restart: Act = (playback) => playback.restart();
const resetSpeed: Act = (playback) => playback.resetSpeed();

/** By what terminals send; arrows and Home differ with their mode. */
const ACTS: ReadonlyMap<string, Act> = new Map([
  [" ", (playback) => playback.togglePause()],
  ["[", (playback) => playback.scaleSpeed(1 / 2)],
  ["]", (playback) => playback.scaleSpeed(2)],
  ...["\x7f", "\b"].map((key) => [key, resetSpeed] as const),
  ...["\x1b[D", "\x1bOD"].map((key) => [key, back] as const),
  ...["\x1b[C", "\x1bOC"].map((key) => [key, forth] as const),
  ...["\x1b[B", "\x1bOB", "\x1b[1;2D"].map((key) => [key, farBack] as const),
  ...["\x1b[A", "\x1bOA", "\x1b[1;2C"].map((key) => [key, farForth] as const),
  ...["\x1b[H", "\x1bOH", "\x1b[1~", "\x1b[7~"].map((key) =>
    [key, restart] as const
  ),
]);
const QUIT = "q";

/**
 * Steers a recording by what is typed, until the terminal is closed.
 *
 * @param onQuit called when somebody wants to end it.
 */
export async function steerByKeys(
  terminal: RawTerminal,
  playback: Playback,
  onQuit: () => void,
): Promise<void> {
  for await (const key of keysIn(terminal.typed())) {
    if (key === QUIT) onQuit();
    else ACTS.get(key)?.(playback);
  }
}

/** A key: a character, or a sequence that begins with an escape. */
// deno-lint-ignore no-control-regex
const KEY = /\x1b(?:\[[\d;]*[A-Za-z~]|O[A-Za-z])|./gs;
/** What may be the beginning of a sequence: its rest comes later. */
// deno-lint-ignore no-control-regex
const BEGUN = /\x1b(?:\[[\d;]{0,8}|O)?$/;

/** Tells keys apart in what comes of a terminal. */
export async function* keysIn(
  texts: AsyncIterable<string>,
): AsyncGenerator<string> {
  let begun = "";
  for await (const text of texts) {
    const all = begun + text;
    begun = BEGUN.exec(all)?.[0] ?? "";
    yield* all.slice(0, all.length - begun.length).match(KEY) ?? [];
  }
}
