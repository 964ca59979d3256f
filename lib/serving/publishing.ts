import type {
  Answered,
  PublishRequest,
  SessionHost,
} from "../hosting/session_host.ts";
import { cutText } from "../foreign_text.ts";
import { type Access, covers, forbidden } from "./access.ts";
import type { Lineages } from "./lineages.ts";

/** How sessions come to be, whatever request asks for one. */
export class Publishing {
  readonly #host: SessionHost;
  readonly #lineages: Lineages;

  constructor(host: SessionHost, lineages: Lineages) {
    this.#host = host;
    this.#lineages = lineages;
  }

  /**
   * Answers an offer with a new session of the caller's.
   *
   * @param posted takes the clouds of a publisher without an offer.
   * @throws {HttpProblem} 403 where it may not be called so, or may not take
   * the place of the session that it resumes.
   * @throws {HostError} what `SessionHost.publish` throws.
   */
  async open(
    request: PublishRequest,
    access: Access,
    posted?: MessagePort,
  ): Promise<Answered> {
    const { resumes } = request;
    if (resumes !== undefined) this.#lineages.checkOwn(access, resumes);
    const name = nameFor(request, access);
    const { caller } = access;
    const asked = {
      ...request,
      name,
      ...caller === undefined ? {} : { caller },
    };
    const answered = await this.#host.publish(asked, posted);
    this.#lineages.opened(answered, access, resumes);
    return answered;
  }
}

/**
 * The name that a session is to have: a right to publish under some names alone
 * gives one where it is the only one.
 */
function nameFor(
  { name }: PublishRequest,
  access: Access,
): string | undefined {
  const { publish: scope } = access.rights;
  if (scope === undefined || scope === "all") return name;
  const [first = "", ...others] = scope;
  const isOne = others.length === 0 && !first.includes("*");
  const wanted = name ?? (isOne ? first : undefined);
  if (wanted === undefined) {
    throw forbidden(
      `The token lets sessions be published as ${
        cutText([...scope].join(", "))
      }: give a name`,
    );
  }
  if (covers(access, "publish", [wanted])) return wanted;
  throw forbidden(`The token gives no right to publish as ${wanted}`);
}
