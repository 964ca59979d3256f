/** The list of live sessions. */
import { watchable } from "../playing/choice.ts";
import { byId } from "./elements.ts";
import type { LiveSession } from "./live_sessions.ts";

/** Shows what is live, and tells what the user chooses. */
export class SessionPicker {
  readonly #select = byId("sessions", HTMLSelectElement);
  #shown = "";

  constructor(onChoose: (id: string) => void) {
    this.#select.addEventListener("change", () => onChoose(this.#select.value));
  }

  /** Shows the sessions; the list is touched only where it has changed. */
  update(sessions: readonly LiveSession[], current: string | undefined): void {
    const options = watchable(sessions).map((session) =>
      new Option(describe(session), session.id)
    );
    const select = this.#select;
    select.disabled = options.length === 0;
    if (options.length === 0) options.push(new Option("nothing live", ""));
    const shown = options.map(({ value, text }) => value + text).join("\n");
    if (shown !== this.#shown) select.replaceChildren(...options);
    this.#shown = shown;
    select.value = current ?? "";
  }
}

/** Names a session by where it comes from and since when. */
function describe({ id, remoteAddress, createdAt }: LiveSession): string {
  const since = new Date(createdAt).toLocaleTimeString([], {
    hour: "2-digit",
    minute: "2-digit",
    second: "2-digit",
    hourCycle: "h23",
  });
  const host = remoteAddress?.replace(/:\d+$/, "");
  return `${host ?? id.slice(0, 8)} since ${since}`;
}
