import { STATUS_CODE } from "@std/http/status";
import {
  type Access,
  type Authorize,
  forbidden,
  type Right,
} from "../serving/access.ts";
import { HttpProblem } from "../serving/problem.ts";
import { InvalidTokenError, looksLikeJwt } from "./jwt.ts";
import { bearerOf, findToken, type KnownToken } from "./tokens.ts";

/** How callers prove who they are. */
export interface Credentials {
  /** Gives the tokens that hold now. */
  tokens(): readonly KnownToken[];
  /**
   * Verifies a JWT. @default there are none
   *
   * @throws {InvalidTokenError} where it doesn't hold.
   */
  verifyJwt?(token: string): Promise<Access>;
  /** Rights that everybody has. */
  open: readonly Right[];
}

/**
 * Makes the check of bearer tokens (RFC 6750).
 *
 * @example Everybody may watch, and one token may publish
 * ```ts
 * import {
 *   createAuthorize,
 *   createLogger,
 *   knownToken,
 *   PointServer,
 * } from "@pointwire/pointwire/server";
 * import { assertEquals } from "@std/assert";
 *
 * const robot = knownToken("s3cret", { rights: { publish: "all" } }, "robot");
 * await using server = PointServer.listen({
 *   hostname: "127.0.0.1",
 *   port: 0,
 *   log: createLogger({ level: "error" }),
 *   authorize: createAuthorize({ tokens: () => [robot], open: ["watch"] }),
 * });
 * const response = await fetch(`${server.url}/offer`, { method: "POST" });
 * await response.body?.cancel();
 * assertEquals(response.status, 401);
 * ```
 */
export function createAuthorize(credentials: Credentials): Authorize {
  const { tokens, verifyJwt, open } = credentials;
  const forAll = Object.fromEntries(open.map((right) => [right, "all"]));

  async function identify(token: string): Promise<Access> {
    const known = findToken(tokens(), token);
    if (known !== undefined) return known;
    if (verifyJwt !== undefined && looksLikeJwt(token)) {
      return await verifyJwt(token);
    }
    throw new InvalidTokenError("The token is not known here");
  }

  return async (request, right) => {
    const token = bearerOf(request);
    try {
      if (token === undefined) {
        if (open.includes(right)) return { rights: forAll };
        throw unauthorized(`A token that may ${right} is needed`);
      }
      const { caller, rights } = await identify(token);
      const access: Access = { caller, rights: { ...rights, ...forAll } };
      if (holds(access, right)) return access;
    } catch (error) {
      if (!(error instanceof InvalidTokenError)) throw error;
      // What is open is open to an old token, too.
      if (open.includes(right)) return { rights: forAll };
      throw unauthorized(error.message, 'error="invalid_token"');
    }
    throw forbidden(`The token gives no right to ${right}`);
  };
}

function holds({ rights }: Access, right: Right): boolean {
  return rights[right] !== undefined ||
    right === "watch" && rights.operate !== undefined;
}

function unauthorized(detail: string, more?: string): HttpProblem {
  const fields = ['Bearer realm="pointwire"', ...more ? [more] : []];
  return new HttpProblem(STATUS_CODE.Unauthorized, detail, {
    headers: { "www-authenticate": fields.join(", ") },
  });
}
