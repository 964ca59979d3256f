/** What the tests of credentials share. */
import { assertEquals } from "@std/assert";
import type { Access, Authorize, Right } from "../../lib/serving/access.ts";
import { HttpProblem } from "../../lib/serving/problem.ts";

/**
 * Writes what a check says: the access, or status, detail and WWW-Authenticate.
 */
export async function ask(
  authorize: Authorize,
  right: Right,
  authorization?: string,
): Promise<Access | string> {
  const headers = authorization === undefined ? undefined : { authorization };
  const request = new Request("http://localhost/", { headers });
  try {
    return await authorize(request, right) as Access;
  } catch (error) {
    if (!(error instanceof HttpProblem)) throw error;
    const { status, message, headers } = error;
    return `${status} ${message}; ${headers["www-authenticate"]}`;
  }
}

/**
 * Checks that a check says yes to each right that is named, and no to the
 * others.
 */
export async function assertRights(
  authorize: Authorize,
  token: string | undefined,
  expected: Right[],
): Promise<void> {
  const held: Right[] = [];
  for (const right of ["publish", "watch", "operate"] as const) {
    const answer = await ask(authorize, right, token && `Bearer ${token}`);
    if (typeof answer !== "string") held.push(right);
  }
  assertEquals(held, expected, token);
}
