import { errors, type JWTPayload, jwtVerify } from "jose";
import {
  type Access,
  type Right,
  RIGHTS,
  type Scope,
} from "../serving/access.ts";
import { unavailable } from "../serving/problem.ts";
import type { JwtKeys } from "./jwt_key.ts";
import { callerOf } from "./tokens.ts";

/** What a JWT has to say to hold here. */
export interface JwtOptions {
  /** What `aud` has to name. @default not looked at */
  audience?: string;
  /** What `iss` has to be. @default not looked at */
  issuer?: string;
}

/** How far the clocks of issuer and server may differ. */
const CLOCK_TOLERANCE_S = 10;

/** A token is not valid; its message is a sentence, and tells nothing of it. */
export class InvalidTokenError extends Error {
  /** The class, as `Error.name` has it. */
  override readonly name = "InvalidTokenError";
}

/** Tells whether a token has the shape of a JWT: three parts (RFC 7519). */
export function looksLikeJwt(token: string): boolean {
  return /^[\w-]+\.[\w-]+\.[\w-]+$/.test(token);
}

/**
 * Verifies a JWT, its times and what it is for, and reads its claim
 * `pointwire`:
 *
 * ```json
 * {"pointwire": {"publish": ["robot-7"], "watch": true, "operate": false}}
 * ```
 *
 * Each is true, or the sessions that it holds for: their names, in which `*` is
 * any text, or their ids.
 *
 * @throws {InvalidTokenError} where it doesn't hold.
 * @throws {HttpProblem} 503 where the keys can't be fetched.
 */
export async function verifyJwt(
  token: string,
  { find, algorithms }: JwtKeys,
  { audience, issuer }: JwtOptions = {},
): Promise<Access> {
  const { payload } = await jwtVerify(token, find, {
    algorithms,
    audience,
    issuer,
    clockTolerance: CLOCK_TOLERANCE_S,
    requiredClaims: ["exp"],
  }).catch((error) => {
    throw explain(error);
  });
  return { caller: callerIn(payload, token), rights: rightsIn(payload) };
}

/** Two tokens of one subject are one caller's; without one, each is its own. */
function callerIn({ iss = "", sub }: JWTPayload, token: string): string {
  return sub === undefined
    ? `token ${callerOf(token)}`
    : `jwt ${JSON.stringify([iss, sub])}`;
}

function rightsIn({ pointwire }: JWTPayload): Access["rights"] {
  if (pointwire === undefined) return {};
  if (typeof pointwire !== "object" || pointwire === null) {
    throw new InvalidTokenError('The token\'s claim "pointwire" is no object');
  }
  const claimed: { [R in Right]?: unknown } = pointwire;
  const rights: Partial<Record<Right, Scope>> = {};
  for (const right of RIGHTS) {
    const scope = readScope(claimed[right], right);
    if (scope !== undefined) rights[right] = scope;
  }
  return rights;
}

function readScope(value: unknown, right: string): Scope | undefined {
  if (value === undefined || value === false) return undefined;
  if (value === true) return "all";
  const isList = Array.isArray(value) &&
    value.every((id) => typeof id === "string");
  if (!isList) {
    throw new InvalidTokenError(
      `The token's claim "pointwire.${right}" is neither true, false, ` +
        `nor a list of sessions`,
    );
  }
  return value.includes("*") ? "all" : new Set<string>(value);
}

/** Makes the error that says what is wrong, with the token or with the keys. */
function explain(error: unknown): Error {
  if (error instanceof errors.JWTExpired) {
    return new InvalidTokenError("The token has expired");
  }
  if (error instanceof errors.JWTClaimValidationFailed) {
    return new InvalidTokenError(
      error.reason === "missing"
        ? `The token has no claim "${error.claim}"`
        : `The token's claim "${error.claim}" is not accepted`,
    );
  }
  const unreachable = !(error instanceof errors.JOSEError) ||
    error instanceof errors.JWKSTimeout ||
    error instanceof errors.JWKSInvalid ||
    error.code === "ERR_JOSE_GENERIC";
  if (unreachable) {
    return unavailable(
      "The keys that tokens are signed with can't be fetched; try again later",
      { cause: error },
    );
  }
  return new InvalidTokenError("The token is not valid");
}
