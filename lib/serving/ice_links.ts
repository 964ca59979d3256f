/** STUN and TURN servers that a client is told of (RFC 9725 section 4.6). */
import type { IceServer } from "../transport/network.ts";
import type { Right } from "./access.ts";
import type { RouteAccess } from "./route.ts";

/** Tells the clients of WHIP and WHEP which servers they may use. */
export class IceLinks {
  readonly #links: readonly string[];
  readonly #authorize: RouteAccess;

  /** @param authorize decides who is told before an offer. */
  constructor(servers: readonly IceServer[], authorize: RouteAccess) {
    this.#links = servers.map(linkTo);
    this.#authorize = authorize;
  }

  /** Adds a Link field for each server to the answer to an offer. */
  addTo(headers: Headers): void {
    for (const link of this.#links) headers.append("link", link);
  }

  /**
   * Adds them to the answer to OPTIONS, by which those ask that can't use
   * another server once they have made an offer: where the caller may make one.
   * What a browser asks of itself before (a preflight) is not answered with a
   * password.
   */
  async addWhereAllowed(
    headers: Headers,
    request: Request,
    right: Right,
    session?: string,
  ): Promise<void> {
    if (this.#links.length === 0) return;
    if (request.headers.has("access-control-request-method")) return;
    try {
      await this.#authorize(request, right, session);
    } catch {
      return;
    }
    this.addTo(headers);
  }
}

/** Writes the Link of a server (RFC 8288), whose target is its URL. */
function linkTo({ urls, username, credential }: IceServer): string {
  const parameters = [`<${urls}>`, 'rel="ice-server"'];
  if (username !== undefined) parameters.push(parameter("username", username));
  if (credential !== undefined) {
    parameters.push(
      parameter("credential", credential),
      parameter("credential-type", "password"),
    );
  }
  return parameters.join("; ");
}

/** One parameter; what is no ASCII is encoded (RFC 8288 section 3.4.2). */
function parameter(name: string, value: string): string {
  return /^[\x20-\x7e]*$/.test(value)
    ? `${name}="${value.replaceAll(/["\\]/g, "\\$&")}"`
    : `${name}*=UTF-8''${
      encodeURIComponent(value).replaceAll(/['()*]/g, (letter) =>
        `%${letter.charCodeAt(0).toString(16).toUpperCase()}`)
    }`;
}
