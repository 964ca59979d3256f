import { STATUS_CODE } from "@std/http/status";
import { cutText } from "../../foreign_text.ts";
import { readBody } from "../body.ts";
import { checkMediaType } from "../media_type.ts";
import { HttpProblem } from "../problem.ts";
import type { Route, RouteRequest } from "../route.ts";
import { ReadWindow } from "./read_window.ts";

/** What a reader may call its reading: nobody guesses another's. */
const ID = /^[\w-]{16,64}$/;

/** Most bytes of a report. */
const MAX_REPORT_BYTES = 256;

/** The readings whose readers say how much they have read. */
export class Readings {
  readonly #windows = new Map<string, ReadWindow>();

  /**
   * Opens a reading's window, until it is disposed of.
   *
   * @throws {HttpProblem} 400 for what it can't be called, 409 where another is
   * called so.
   */
  open(id: string): { window: ReadWindow } & Disposable {
    if (!ID.test(id)) {
      throw new HttpProblem(
        STATUS_CODE.BadRequest,
        `reading is "${cutText(id)}", not 16 to 64 letters, digits, _ and -`,
      );
    }
    if (this.#windows.has(id)) {
      throw new HttpProblem(
        STATUS_CODE.Conflict,
        `Another reading is called ${id}`,
      );
    }
    const window = new ReadWindow();
    this.#windows.set(id, window);
    return {
      window,
      [Symbol.dispose]: () => void this.#windows.delete(id),
    };
  }

  /**
   * `PUT /readings/ID`: how many bytes were read so far. It is answered with
   * what the time is, so that the reader can compare the clocks.
   */
  get route(): Route {
    return {
      pathname: "/readings/:reading",
      rights: { PUT: "watch" },
      methods: { PUT: (request) => this.#put(request) },
    };
  }

  async #put(
    { request, params: { reading = "" } }: RouteRequest,
  ): Promise<Response> {
    checkMediaType(request, "application/json");
    const text = await readBody(request, MAX_REPORT_BYTES);
    const receive = Date.now();
    const bytes = readBytes(text);
    // One that is over may be reported of still: that is no mistake.
    this.#windows.get(reading)?.report(bytes);
    return Response.json({ receive, transmit: Date.now() });
  }
}

/** @throws {HttpProblem} 400 for what is no report. */
function readBytes(text: string): number {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    value = undefined;
  }
  const { bytes } = (value ?? {}) as { bytes?: unknown };
  if (Number.isSafeInteger(bytes)) return bytes as number;
  throw new HttpProblem(
    STATUS_CODE.BadRequest,
    'The body is not {"bytes": N}',
  );
}
