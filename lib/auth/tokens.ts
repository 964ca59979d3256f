import { Buffer } from "node:buffer";
import { createHash, timingSafeEqual } from "node:crypto";
import type { Access } from "../serving/access.ts";
import { CredentialsError } from "./errors.ts";

/** What a bearer token is made of (RFC 6750 section 2.1). */
const B64TOKEN = /^[A-Za-z0-9\-._~+/]+=*$/;

/** A token as it is kept: what it is can't be read from it. */
export interface KnownToken {
  /** SHA-256. */
  hash: Uint8Array;
  /** What whoever shows it may do. */
  access: Access;
}

/**
 * Makes a token known.
 *
 * @param where names the place that it comes from, for the error.
 * @throws {CredentialsError} where it can't be sent as a bearer token.
 */
export function knownToken(
  token: string,
  access: Access,
  where: string,
): KnownToken {
  checkToken(token, where);
  return { hash: sha256(token), access };
}

/** @throws {CredentialsError} where a token can't be sent as a bearer token. */
export function checkToken(token: string, where: string): void {
  if (B64TOKEN.test(token)) return;
  throw new CredentialsError(
    `${where} is no bearer token: it has letters, digits and -._~+/ alone, ` +
      `and may end with =`,
  );
}

/**
 * Finds a token among those that are known. How long it takes tells nothing of
 * them: hashes are compared, each of them whole, and all of them.
 */
export function findToken(
  tokens: readonly KnownToken[],
  given: string,
): Access | undefined {
  const hash = sha256(given);
  let found: Access | undefined;
  for (const { hash: known, access } of tokens) {
    if (timingSafeEqual(known, hash)) found = access;
  }
  return found;
}

/** Reads the token of an `Authorization` field: none where it isn't `Bearer`. */
export function bearerOf(request: Request): string | undefined {
  const field = request.headers.get("authorization") ?? "";
  return /^bearer +(\S+) *$/i.exec(field)?.[1];
}

/** Names a caller by its token, without telling the token. */
export function callerOf(token: string): string {
  return Buffer.from(sha256(token)).toString("base64url");
}

function sha256(text: string): Uint8Array {
  return createHash("sha256").update(text).digest();
}
