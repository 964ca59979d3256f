import { readProblem } from "./read_problem.ts";
import type { Purpose, Tokens } from "./tokens.ts";

/** `fetch` with the user's token, where the server wants one. */
export type AuthorizedFetch = (
  url: string | URL,
  init?: AuthorizedInit,
) => Promise<Response>;

export interface AuthorizedInit extends Omit<RequestInit, "headers"> {
  headers?: Record<string, string>;
  /** Time for each answer, milliseconds. @default none */
  timeoutMs?: number;
}

/**
 * Makes a `fetch` that asks the user for a token where the server answers 401
 * or 403, and again where it refuses that one. Without a token from the user it
 * returns the refusal.
 */
export function authorizedFetch(
  tokens: Tokens,
  purpose: Purpose,
): AuthorizedFetch {
  return async (url, { timeoutMs, ...init } = {}) => {
    while (true) {
      const token = tokens.get(purpose);
      const signals = [
        init.signal ?? [],
        timeoutMs === undefined ? [] : AbortSignal.timeout(timeoutMs),
      ].flat();
      const response = await fetch(url, {
        ...init,
        signal: AbortSignal.any(signals),
        headers: {
          ...init.headers,
          ...token === undefined ? {} : { authorization: `Bearer ${token}` },
        },
      });
      // A page that goes away asks nobody.
      const isRefused = response.status === 401 || response.status === 403;
      if (!isRefused || init.keepalive) return response;
      const wrong = await wrongWith(response.clone());
      const next = await tokens.replace(purpose, token, wrong);
      init.signal?.throwIfAborted();
      if (next === undefined) return response;
      await response.body?.cancel();
    }
  };
}

/** Says why a request was refused, a sentence. */
async function wrongWith(response: Response): Promise<string> {
  const detail = await readProblem(response);
  return detail === undefined ? "That token is not accepted." : `${detail}.`;
}
