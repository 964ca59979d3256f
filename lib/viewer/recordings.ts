/** What a server has recorded. */
import type { ServedRecording } from "../recording/listed_recording.ts";
import type { AuthorizedFetch } from "./authorized_fetch.ts";
import { describeRecording } from "./recording_texts.ts";

/** A recording that can be chosen. */
export interface RecordingChoice {
  /** The file's name. */
  name: string;
  /** What it is, for people. */
  text: string;
}

/** Recordings that the page offers: the newest. */
const MOST_LISTED = 100;

/** Lists the newest recordings; none where the server can't be asked. */
export async function listRecordings(
  fetch: AuthorizedFetch,
): Promise<RecordingChoice[]> {
  try {
    const url = `/recordings?limit=${MOST_LISTED}`;
    const response = await fetch(url, { cache: "no-store" });
    if (response.ok) {
      const recordings: ServedRecording[] = await response.json();
      return recordings.map((one) => ({
        name: one.name,
        text: describeRecording(one),
      }));
    }
    await response.body?.cancel();
  } catch {
    // That the server is away is said by those who follow what is live.
  }
  return [];
}
