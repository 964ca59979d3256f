/** How times and recordings are written. */
import type { ServedRecording } from "../recording/listed_recording.ts";

const SECOND_MS = 1_000;
const MINUTE_S = 60;
const HOUR_S = 3_600;

/** Writes a time of a recording: `0:07`, `12:34`, `1:02:03`. */
export function formatTime(ms: number): string {
  const seconds = Math.floor(ms / SECOND_MS);
  const two = (value: number) => String(value).padStart(2, "0");
  const minutes = Math.floor(seconds % HOUR_S / MINUTE_S);
  const rest = two(seconds % MINUTE_S);
  return seconds < HOUR_S
    ? `${minutes}:${rest}`
    : `${Math.floor(seconds / HOUR_S)}:${two(minutes)}:${rest}`;
}

/** Says in words for a slider's value what its time is. */
export function speakTime(ms: number): string {
  const seconds = Math.floor(ms / SECOND_MS);
  const minutes = Math.floor(seconds / MINUTE_S);
  const rest = `${seconds % MINUTE_S} seconds`;
  return minutes === 0 ? rest : `${minutes} minutes ${rest}`;
}

/** Names a recording: its session, when it began, how long it is. */
export function describeRecording(
  { session, start, seconds, isWriting }: Pick<
    ServedRecording,
    "session" | "start" | "seconds" | "isWriting"
  >,
  locale?: string,
): string {
  const began = new Date(start).toLocaleString(locale, {
    dateStyle: "short",
    timeStyle: "medium",
  });
  const length = seconds === null
    ? isWriting ? ["goes on"] : []
    : [formatTime(seconds * SECOND_MS)];
  return [session, began, ...length].join(" · ");
}
