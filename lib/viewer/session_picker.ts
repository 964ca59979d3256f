/** The list of live sessions. */
import { watchable } from "../playing/choice.ts";
import { byId } from "./elements.ts";
import type { LiveSession } from "./live_sessions.ts";
import { SessionRates } from "./session_rates.ts";

/** Shows what is live, and tells what the user chooses. */
export class SessionPicker {
  readonly #select = byId("sessions", HTMLSelectElement);
  readonly #rates = new SessionRates();

  /** @param onChoose is called with the name of a session. */
  constructor(onChoose: (name: string) => void) {
    this.#select.addEventListener("change", () => onChoose(this.#select.value));
  }

  /**
   * Shows the sessions; an entry that is there already only changes its text,
   * as browsers close a list whose entries are replaced.
   */
  update(sessions: readonly LiveSession[], current: string | undefined): void {
    const rates = this.#rates.update(sessions, performance.now());
    const live = watchable(sessions);
    const entries = live.map((session) => ({
      value: session.name,
      text: describe(session, rates.get(session.id)),
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
    select.value = live.find(({ id }) => id === current)?.name ?? "";
  }
}

/** Says what a session is called, and what comes of it. */
function describe(
  { name, video, audio }: Pick<LiveSession, "name" | "video" | "audio">,
  hertz: number | undefined,
): string {
  const kinds = [
    ...hertz === undefined ? [] : [`points ${hertz} Hz`],
    ...video.codec === null ? [] : ["video"],
    ...audio.codec === null ? [] : ["sound"],
  ];
  return kinds.length === 0 ? name : `${name} · ${kinds.join(", ")}`;
}
