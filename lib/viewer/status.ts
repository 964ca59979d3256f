/** What the page says about the stream, in plain words. */
import { byId, setText } from "./elements.ts";
import type { FollowState } from "./follower.ts";
import type { PlaybackState } from "./recording_playback.ts";

/** All that decides what the page says. */
export interface PageState {
  follow: FollowState;
  /** What is to be played, by name; nothing for whatever is live. */
  asked: string | undefined;
  /** Whether the server can't be reached. */
  offline: boolean;
  /** Whether the server wants a token that the user doesn't give. */
  refused: boolean;
  /** Whether the live connection has been silent for a while. */
  silent: boolean;
  /** Whether the server has told what is live. */
  known: boolean;
  paused: boolean;
  /** Whether the live session sends no points. */
  mediaOnly: boolean;
  /** Whether all comes by HTTP, as nothing else gets through. */
  byHttp: boolean;
  watchers: number | undefined;
  /** What comes of the recording that is played; nothing of a session. */
  recording: PlaybackState | undefined;
  /** How many of a group are live, and who isn't played; nothing for one. */
  group: { live: number; leftOut: readonly string[] } | undefined;
}

/** Shows a state, and how to start a client where nothing is live. */
export function showState(state: PageState): void {
  const status = byId("status", HTMLElement);
  const { kind, text } = describe(state);
  status.dataset.state = kind;
  setText(status, text);
  const root = document.documentElement;
  root.dataset.state = kind;
  root.dataset.stream = state.mediaOnly ? "media" : "points";
  const nothing = kind === "idle" || kind === "ended";
  showLeftOut(state.group?.leftOut ?? []);
  byId("start", HTMLElement).hidden = !nothing;
  setText(
    byId("start-title", HTMLElement),
    kind === "ended"
      ? "The session has ended"
      : state.asked === undefined
      ? "Nothing is live yet"
      : `${state.asked} isn’t live yet`,
  );
}

function describe(
  { follow, offline, refused, silent, known, recording, ...state }: PageState,
): { kind: string; text: string } {
  if (recording !== undefined) return describeRecording(recording);
  const flowing = follow.kind === "live" && !silent;
  if (offline && !flowing) {
    return {
      kind: "offline",
      text: "The server can’t be reached. Trying again…",
    };
  }
  if (refused && !flowing) {
    return {
      kind: "failed",
      text: "A token is needed to watch. Reload the page to give one.",
    };
  }
  if (!known) return { kind: "connecting", text: "Connecting…" };
  switch (follow.kind) {
    case "idle":
      return {
        kind: "idle",
        text: `Waiting for ${state.asked ?? "a session"}`,
      };
    case "connecting":
      return { kind: "connecting", text: "Connecting to the session…" };
    case "live":
      return describeLive(state);
    case "ended":
      return {
        kind: "ended",
        text: `The session ended: ${sentence(follow.reason)} ` +
          `Waiting for ${state.asked ?? "the next"}.`,
      };
    case "retrying":
      return {
        kind: "retrying",
        text: `Interrupted: ${sentence(follow.reason)} Trying again…`,
      };
  }
}

function describeRecording(
  state: PlaybackState,
): { kind: string; text: string } {
  switch (state.kind) {
    case "opening":
      return { kind: "connecting", text: "Opening the recording…" };
    case "waiting":
      return { kind: "connecting", text: "Reading the recording…" };
    case "playing":
      return { kind: "recording", text: "Recording" };
    case "paused":
      return { kind: "paused", text: "Recording, paused" };
    case "ended":
      return { kind: "paused", text: "The recording’s end" };
    case "failed":
      return {
        kind: "failed",
        text: `The recording can’t be played: ${sentence(state.why)}`,
      };
  }
}

function describeLive(
  { paused, mediaOnly, byHttp, watchers = 0, group }: Pick<
    PageState,
    "paused" | "mediaOnly" | "byHttp" | "watchers" | "group"
  >,
): { kind: string; text: string } {
  if (paused) return { kind: "paused", text: "Paused" };
  const way = byHttp ? ", by HTTP: WebRTC doesn’t get through" : "";
  const what = `Live${mediaOnly ? ", video only" : ""}${way}`;
  if (group !== undefined) {
    const { live, leftOut } = group;
    const of = leftOut.length > 0 ? ` of ${live + leftOut.length}` : "";
    const sessions = live === 1 && of === "" ? "session" : "sessions";
    return { kind: "live", text: `${what}, ${live}${of} ${sessions}` };
  }
  const others = watchers > 1 ? `, ${watchers} watching` : "";
  return { kind: "live", text: what + others };
}

/** Names the sessions of a group that there is no room for. */
function showLeftOut(names: readonly string[]): void {
  const note = byId("left-out", HTMLElement);
  note.hidden = names.length === 0;
  setText(note, names.length === 0 ? "" : `Not played: ${names.join(", ")}`);
}

function sentence(clause: string): string {
  return /[.!?]$/.test(clause) ? clause : `${clause}.`;
}
