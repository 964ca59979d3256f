import { STATUS_CODE } from "@std/http/status";
import { createPublicKey } from "node:crypto";
import {
  createLocalJWKSet,
  createRemoteJWKSet,
  customFetch,
  importJWK,
  type JWK,
} from "jose";
import { MAX_ANSWER_BYTES } from "../limits/answer_limits.ts";
import { readText } from "../limits/read_text.ts";
import { CredentialsError } from "./errors.ts";

/**
 * Signatures that are made with a key which isn't known here (RFC 7518, RFC
 * 8037).
 */
const ASYMMETRIC = [
  ...["RS256", "RS384", "RS512", "PS256", "PS384", "PS512"],
  ...["ES256", "ES384", "ES512", "EdDSA", "Ed25519"],
];

/** Least length of an HS256 key, bytes (RFC 7518 section 3.2). */
const MIN_SECRET_BYTES = 32;

/** What of a token's header says which key signed it (RFC 7515 section 4.1). */
export type JwsHeader = {
  /** The algorithm. */
  alg?: string;
  /** Id of the key, where the issuer has several. */
  kid?: string;
};

/** A public key, or a secret that both sides know. */
export type JwtKey = CryptoKey | Uint8Array;

/** What signatures are checked with. */
export interface JwtKeys {
  /**
   * Finds the key for a token's header.
   *
   * @throws where none fits, or they can't be fetched.
   */
  find(header: JwsHeader): JwtKey | Promise<JwtKey>;
  /**
   * What a token's `alg` may be: the token itself doesn't choose (RFC 8725
   * section 3.1).
   */
  algorithms: string[];
}

/**
 * Takes keys from a JWK set's URL: they are fetched when first needed, every
 * ten minutes, and for one that is new, but not within 30 s of the last time.
 */
export function remoteKeys(url: string): JwtKeys {
  const find = createRemoteJWKSet(new URL(url), { [customFetch]: fetchKeys });
  return { find: (header) => find(header), algorithms: ASYMMETRIC };
}

/** Fetches a JWK set, within the time that its signal gives. */
async function fetchKeys(url: string, init: RequestInit): Promise<Response> {
  const response = await fetch(url, init);
  const { status } = response;
  const text = await readText(response, { maxBytes: MAX_ANSWER_BYTES });
  return new Response(status === STATUS_CODE.OK ? text : null, { status });
}

/**
 * Reads a key file: a public key or a certificate in PEM, a JWK, or a JWK set.
 * HS256 is for a JWK that is a symmetric key, and for nothing else.
 *
 * @param file its name, for the error.
 * @throws {CredentialsError} naming the file and what is wrong with it.
 */
export async function parseKeyFile(
  text: string,
  file: string,
): Promise<JwtKeys> {
  const jwk = text.trimStart().startsWith("{")
    ? parseJson(text, file)
    : parsePem(text, file);
  if (jwk.kty === "oct") return await symmetric(jwk, file);
  const keys: unknown = "keys" in jwk ? jwk.keys : [jwk];
  if (!Array.isArray(keys) || keys.length === 0) {
    throw new CredentialsError(`${file} has no keys`);
  }
  if (keys.some((key) => key?.kty === "oct")) {
    throw new CredentialsError(
      `${file} has a symmetric key in a set; one must stand alone`,
    );
  }
  if (keys.some((key) => typeof key?.d === "string")) throw isPrivate(file);
  const find = createLocalJWKSet({ keys });
  return {
    find: (header) => find(header),
    algorithms: ASYMMETRIC,
  };
}

async function symmetric(jwk: JWK, file: string): Promise<JwtKeys> {
  const key = await importJWK(jwk, "HS256").catch(() => undefined);
  if (!(key instanceof Uint8Array) || key.length < MIN_SECRET_BYTES) {
    throw new CredentialsError(
      `${file} has no symmetric key of at least ${MIN_SECRET_BYTES} bytes ` +
        `in "k"`,
    );
  }
  return { find: () => key, algorithms: ["HS256"] };
}

function parseJson(text: string, file: string): JWK {
  try {
    return JSON.parse(text);
  } catch {
    throw new CredentialsError(`${file} is neither PEM nor JSON`);
  }
}

function parsePem(text: string, file: string): JWK {
  if (/-----BEGIN [A-Z ]*PRIVATE KEY-----/.test(text)) throw isPrivate(file);
  try {
    return createPublicKey(text).export({ format: "jwk" }) as JWK;
  } catch (cause) {
    throw new CredentialsError(
      `${file} is no public key in PEM, JWK or JWK set`,
      { cause },
    );
  }
}

function isPrivate(file: string): CredentialsError {
  return new CredentialsError(
    `${file} is a private key, which is its issuer's alone; the server needs ` +
      `the public one`,
  );
}
