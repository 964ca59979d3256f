import type { PlaybackState } from "../sources/bags/playback.ts";

/** Writes where a recording is: `0:12 / 1:30  2x  paused`. */
export function formatPlayback(
  { position, duration, speed, isPaused }: PlaybackState,
): string {
  return [
    `${formatTime(position)} / ${formatTime(duration)}`,
    ...speed === 1 ? [] : [`${Number(speed.toPrecision(2))}x`],
    ...isPaused ? ["paused"] : [],
  ].join("  ");
}

function formatTime(seconds: number): string {
  const whole = Math.floor(seconds);
  const two = (value: number) => `${value}`.padStart(2, "0");
  const hours = Math.floor(whole / 3600);
  const minutes = Math.floor(whole / 60) % 60;
  return hours > 0
    ? `${hours}:${two(minutes)}:${two(whole % 60)}`
    : `${minutes}:${two(whole % 60)}`;
}
