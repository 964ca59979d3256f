/** The list of live sessions and their groups, and of recordings. */
import { watchable } from "../playing/choice.ts";
import { byId } from "./elements.ts";
import type { LiveSession } from "./live_sessions.ts";
import type { RecordingChoice } from "./recordings.ts";
import { SessionRates } from "./session_rates.ts";
import { isGroup, sessionTree } from "./session_tree.ts";

/** What is before a line of a group, for each that it is in. */
const INDENT = "\u2003";

/** Before a recording's name, in what tells it from a session. */
const RECORDING = "recording:";

/** A line of the list. */
interface Entry {
  value: string;
  text: string;
}

/** What the user chooses: a session, a group, or a recording. */
export interface PickerEvents {
  /** Called with the name of a session, or of a group. */
  onSession(name: string): void;
  /** Called with the name of a recording. */
  onRecording(name: string): void;
  /** Called when the user is about to choose. */
  onLook(): void;
}

/** What is listed. */
export interface Choices {
  sessions: readonly LiveSession[];
  recordings: readonly RecordingChoice[];
}

/** What is played, by its name. */
export type Chosen = { session: string | undefined } | { recording: string };

/** Shows what is live and was recorded, and tells what the user chooses. */
export class SessionPicker {
  readonly #select = byId("sessions", HTMLSelectElement);
  readonly #points = new SessionRates();
  readonly #video = new SessionRates();

  constructor({ onSession, onRecording, onLook }: PickerEvents) {
    const select = this.#select;
    select.addEventListener("change", () => {
      const { value } = select;
      if (value.startsWith(RECORDING)) {
        onRecording(value.slice(RECORDING.length));
      } else onSession(value);
    });
    select.addEventListener("focus", onLook);
  }

  /**
   * Shows the choices; an entry that is there already only changes its text,
   * as browsers close a list whose entries are replaced.
   */
  update({ sessions, recordings }: Choices, chosen: Chosen): void {
    const live = this.#entriesOf(
      sessions,
      "session" in chosen ? chosen.session : undefined,
    );
    const recorded = recordings.map(({ name, text }) => ({
      value: RECORDING + name,
      text,
    }));
    const value = "session" in chosen
      ? chosen.session
      : RECORDING + chosen.recording;
    if ("recording" in chosen && !recorded.some((one) => one.value === value)) {
      recorded.unshift({ value: value!, text: chosen.recording });
    }
    const select = this.#select;
    select.disabled = live.length + recorded.length === 0;
    if (live.length === 0) live.push({ value: "", text: "nothing live" });
    const entries = [...live, ...recorded];
    const options = [...select.options];
    const isSame = options.length === entries.length &&
      options.every(({ value }, i) => value === entries[i].value);
    if (isSame) {
      for (const [i, { text }] of entries.entries()) {
        if (options[i].text !== text) options[i].text = text;
      }
    } else select.replaceChildren(...optionsOf(live), groupOf(recorded));
    const isListed = entries.some((entry) => entry.value === value);
    select.value = isListed ? value ?? "" : "";
  }

  #entriesOf(
    sessions: readonly LiveSession[],
    current: string | undefined,
  ): Entry[] {
    const texts = this.#describe(sessions);
    const lines = sessionTree(watchable(sessions).map(({ name }) => name));
    if (isGroup(current) && !lines.some(({ name }) => name === current)) {
      // What is played is listed, however few sessions it has.
      const of = [...texts.keys()].filter((name) => name.startsWith(current));
      lines.unshift({ name: current, depth: 0, sessions: of.length });
    }
    return lines.map(({ name, depth, sessions }) => ({
      value: name,
      text: INDENT.repeat(depth) +
        (sessions === undefined ? texts.get(name) : nameGroup(name, sessions)),
    }));
  }

  /** Says by their names what sessions are called, and what comes of them. */
  #describe(sessions: readonly LiveSession[]): Map<string, string> {
    const now = performance.now();
    const points = this.#points.update(
      sessions.map(({ id, points: { frames } }) => ({ id, frames })),
      now,
    );
    const video = this.#video.update(
      sessions.map(({ id, video: { frames }, tracks }) => ({
        id,
        frames: frames / Math.max(1, videosOf(tracks)),
      })),
      now,
    );
    return new Map(sessions.map((session) => {
      const { id, name } = session;
      const rates = { points: points.get(id), video: video.get(id) };
      return [name, describe(session, rates)];
    }));
  }
}

function optionsOf(entries: readonly Entry[]): HTMLOptionElement[] {
  return entries.map(({ text, value }) => new Option(text, value));
}

function groupOf(recorded: readonly Entry[]): HTMLOptGroupElement | string {
  if (recorded.length === 0) return "";
  const group = document.createElement("optgroup");
  group.label = "Recordings";
  group.append(...optionsOf(recorded));
  return group;
}

function nameGroup(name: string, sessions: number): string {
  return `${name} · ${sessions} ${sessions === 1 ? "session" : "sessions"}`;
}

/** Says what a session is called, and what comes of it: frames a second. */
function describe(
  { name, video, audio, tracks }: LiveSession,
  rates: { points?: number; video?: number },
): string {
  const videos = videosOf(tracks);
  const rate = (hertz: number | undefined) => hertz ? ` ${hertz} Hz` : "";
  const kinds = [
    ...rates.points === undefined ? [] : [`points${rate(rates.points)}`],
    ...video.codec === null
      ? []
      : [(videos > 1 ? `${videos} videos` : "video") + rate(rates.video)],
    ...audio.codec === null ? [] : ["sound"],
  ];
  return kinds.length === 0 ? name : `${name} · ${kinds.join(", ")}`;
}

function videosOf(tracks: LiveSession["tracks"]): number {
  return tracks.filter(({ kind }) => kind === "video").length;
}
