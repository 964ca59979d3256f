import { setTimeout as delay } from "node:timers/promises";
import type { SessionSnapshot } from "../../../lib/session/snapshot.ts";
import { getJson, Process, type ServerProcess } from "../../processes.ts";

const PUBLISHER = "tools/bench/sessions/publisher.ts";

/** Equal publishers. */
export interface Stream {
  sessions: number;
  points: number;
  /** Frames a second of each; 0: as many as go. */
  rate: number;
}

/** Starts publishers in one process, and waits until points come of all. */
export async function startPublishers(
  server: ServerProcess,
  { sessions, points, rate }: Stream,
): Promise<Process> {
  const publishers = new Process(Deno.execPath(), [
    ...["run", "-q", "-P=bench-publisher", PUBLISHER],
    ...[server.url, `${sessions}`, `${rate}`, `${points}`],
  ]);
  const connected = async () =>
    (await getJson<SessionSnapshot[]>(`${server.url}/sessions`))
      .filter((session) => session.points.frames > 0).length;
  while (await connected() < sessions) await delay(100);
  return publishers;
}
