/** What a server has recorded. */
import type { AuthorizedFetch } from "./authorized_fetch.ts";

/** A recording, as the server lists it (docs/http.md). */
export interface ListedRecording {
  name: string;
  session: string;
  start: string;
  seconds: number | null;
  isWriting: boolean;
}

/** Recordings that the page offers: the newest. */
const MOST_LISTED = 100;

/** Lists the newest recordings; none where the server can't be asked. */
export async function listRecordings(
  fetch: AuthorizedFetch,
): Promise<ListedRecording[]> {
  try {
    const url = `/recordings?limit=${MOST_LISTED}`;
    const response = await fetch(url, { cache: "no-store" });
    if (response.ok) return await response.json();
    await response.body?.cancel();
  } catch {
    // That the server is away is said by those who follow what is live.
  }
  return [];
}
