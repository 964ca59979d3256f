import { STATUS_CODE } from "@std/http/status";
import { matchesName } from "../session_name.ts";
import { HttpProblem } from "./problem.ts";

/** What a request needs the right to do. */
export type Right = "publish" | "watch" | "operate";

export const RIGHTS: readonly Right[] = ["publish", "watch", "operate"];

/**
 * The sessions that a right holds for, by their ids or names; in a name, `*` is
 * any text.
 */
export type Scope = "all" | ReadonlySet<string>;

/** What a caller may do. */
export interface Access {
  /** Tells one caller from another; none where there are no tokens. */
  caller?: string;
  /** The rights that it has. To operate is to watch, too. */
  rights: Readonly<Partial<Record<Right, Scope>>>;
}

/** Everybody may do everything. */
export const OPEN: Access = {
  rights: { publish: "all", watch: "all", operate: "all" },
};

/**
 * Decides what a request may do, by its `Authorization` field.
 *
 * @param session id of the session that its path names. The server itself holds
 * the scope of the right against it afterwards.
 * @returns what it may do; nothing stands for {@linkcode OPEN}.
 * @throws {HttpProblem} 401 or 403 where it hasn't the right.
 */
export type Authorize = (
  request: Request,
  right: Right,
  session?: string,
) => Access | void | Promise<Access | void>;

/**
 * Tells whether a right is held for a session.
 *
 * @param called the session's id and name, and the ids of those whose place it
 * took.
 */
export function covers(
  { rights }: Access,
  right: Right,
  called: Iterable<string>,
): boolean {
  const scopes = [
    rights[right],
    right === "watch" ? rights.operate : undefined,
  ];
  if (scopes.includes("all")) return true;
  const all = [...called];
  return scopes.some((scope) =>
    scope !== undefined && scope !== "all" &&
    all.some((name) => isIn(scope, name))
  );
}

function isIn(scope: ReadonlySet<string>, name: string): boolean {
  if (scope.has(name)) return true;
  return scope.values().some((pattern) =>
    pattern.includes("*") && matchesName(pattern, name)
  );
}

/** What the sessions are called that a right is held for; nothing for all. */
export function scopeOf(
  { rights }: Access,
  right: Right,
): string[] | undefined {
  const scopes = [
    rights[right],
    right === "watch" ? rights.operate : undefined,
  ];
  if (scopes.includes("all")) return undefined;
  return scopes.flatMap((scope) =>
    scope === undefined || scope === "all" ? [] : [...scope]
  );
}

/** Tells whether a right is held for all sessions, those to come included. */
export function coversAll(access: Access, right: Right): boolean {
  return covers(access, right, []);
}

/**
 * Makes the 403 of a token that is good, but not for this (RFC 6750 section
 * 3.1).
 */
export function forbidden(detail: string): HttpProblem {
  return new HttpProblem(STATUS_CODE.Forbidden, detail, {
    headers: { "www-authenticate": 'Bearer error="insufficient_scope"' },
  });
}
