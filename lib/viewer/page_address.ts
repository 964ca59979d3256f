/** What the page's address asks for, which stays true on reload. */

/** A session or a group by its name, or a recording by its file's. */
export interface Asked {
  watch?: string;
  recording?: string;
}

/** Reads what an address asks for; a recording rather than a session. */
export function readAddress({ search }: { search: string }): Asked {
  const parameters = new URLSearchParams(search);
  const recording = parameters.get("recording");
  if (recording !== null) return { recording };
  const watch = parameters.get("watch");
  return watch === null ? {} : { watch };
}

/**
 * Reads which part of clouds an address asks for.
 *
 * @returns the query of the request to watch (docs/http.md), or nothing of one.
 */
export function readSelection({ search }: { search: string }): string {
  const asked = new URLSearchParams(search);
  const query = new URLSearchParams();
  for (const name of ["fields", "every", "box"]) {
    const value = asked.get(name);
    if (value !== null) query.set(name, value);
  }
  return query.size === 0 ? "" : `?${query}`;
}

/** Makes an address that asks for something else than another one. */
export function withAsked(href: string, { watch, recording }: Asked): URL {
  const url = new URL(href);
  for (const [name, value] of Object.entries({ watch, recording })) {
    if (value === undefined) url.searchParams.delete(name);
    else url.searchParams.set(name, value);
  }
  // A slash may stand in a query (RFC 3986 section 3.4), and is read better.
  url.search = url.search.replaceAll("%2F", "/");
  return url;
}
