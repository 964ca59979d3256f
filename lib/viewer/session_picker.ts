/** The list of live sessions, and of their groups. */
import { watchable } from "../playing/choice.ts";
import { byId } from "./elements.ts";
import type { LiveSession } from "./live_sessions.ts";
import { SessionRates } from "./session_rates.ts";
import { isGroup, sessionTree } from "./session_tree.ts";

/** What is before a line of a group, for each that it is in. */
const INDENT = "\u2003";

/** Shows what is live, and tells what the user chooses. */
export class SessionPicker {
  readonly #select = byId("sessions", HTMLSelectElement);
  readonly #points = new SessionRates();
  readonly #video = new SessionRates();

  /** @param onChoose is called with the name of a session, or of a group. */
  constructor(onChoose: (name: string) => void) {
    this.#select.addEventListener("change", () => onChoose(this.#select.value));
  }

  /**
   * Shows the sessions; an entry that is there already only changes its text,
   * as browsers close a list whose entries are replaced.
   *
   * @param current name of what is played, a session's or a group's.
   */
  update(sessions: readonly LiveSession[], current: string | undefined): void {
    const texts = this.#describe(sessions);
    const lines = sessionTree(watchable(sessions).map(({ name }) => name));
    if (isGroup(current) && !lines.some(({ name }) => name === current)) {
      // What is played is listed, however few sessions it has.
      const of = [...texts.keys()].filter((name) => name.startsWith(current));
      lines.unshift({ name: current, depth: 0, sessions: of.length });
    }
    const entries = lines.map(({ name, depth, sessions }) => ({
      value: name,
      text: INDENT.repeat(depth) +
        (sessions === undefined ? texts.get(name) : nameGroup(name, sessions)),
    }));
    const select = this.#select;
    select.disabled = entries.length === 0;
    if (entries.length === 0) entries.push({ value: "", text: "nothing live" });
    const options = [...select.options];
    const isSame = options.length === entries.length &&
      options.every(({ value }, i) => value === entries[i].value);
    if (isSame) {
      for (const [i, { text }] of entries.entries()) {
        if (options[i].text !== text) options[i].text = text;
      }
    } else {
      select.replaceChildren(
        ...entries.map(({ text, value }) => new Option(text, value)),
      );
    }
    const isListed = entries.some(({ value }) => value === current);
    select.value = isListed ? current ?? "" : "";
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
