import { type Access, type Right, RIGHTS } from "../serving/access.ts";
import { CredentialsError } from "./errors.ts";
import { callerOf, type KnownToken, knownToken } from "./tokens.ts";

/**
 * Reads a file of tokens:
 *
 * ```json
 * {"tokens": [{
 *   "token": "…", "rights": ["publish"], "name": "robot 1",
 *   "sessions": ["robot-1/*"]
 * }]}
 * ```
 *
 * Its rights hold for the sessions of those names, `*` being any text; for all
 * where there is no `sessions`.
 *
 * Tokens of one name are one caller's: the old and the new while they are
 * changed.
 *
 * @param file its name, for the error.
 * @throws {CredentialsError} naming the file, which token, and what is wrong.
 */
export function parseTokenFile(text: string, file: string): KnownToken[] {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    // JSON's own message quotes what it stumbled over, which may be a token.
    throw new CredentialsError(`${file} is not JSON`);
  }
  const tokens = isObject(value) ? value.tokens : undefined;
  if (!Array.isArray(tokens)) {
    throw new CredentialsError(`${file} has no list "tokens"`);
  }
  return tokens.map((entry, i) => parseEntry(entry, `${file}: token ${i + 1}`));
}

function parseEntry(entry: unknown, where: string): KnownToken {
  const { token, rights, name, sessions } = isObject(entry) ? entry : {};
  if (typeof token !== "string") {
    throw new CredentialsError(`${where} has no text "token"`);
  }
  if (!Array.isArray(rights) || !rights.every(isRight)) {
    throw new CredentialsError(
      `${where} has no list "rights" of ${RIGHTS.join(", ")}`,
    );
  }
  if (name !== undefined && typeof name !== "string") {
    throw new CredentialsError(`${where} has a name that is no text`);
  }
  if (sessions !== undefined && !isListOfTexts(sessions)) {
    throw new CredentialsError(
      `${where} has "sessions" that are no list of names`,
    );
  }
  const scope = sessions === undefined ? "all" : new Set(sessions);
  const access: Access = {
    caller: name === undefined ? `token ${callerOf(token)}` : `name ${name}`,
    rights: Object.fromEntries(rights.map((right) => [right, scope])),
  };
  return knownToken(token, access, where);
}

function isRight(value: unknown): value is Right {
  return RIGHTS.some((right) => right === value);
}

function isListOfTexts(value: unknown): value is string[] {
  return Array.isArray(value) && value.length > 0 &&
    value.every((each) => typeof each === "string");
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}
