/** Sessions as a host reports them, and what a monitoring reads. */
import type {
  HostObserver,
  SessionHost,
} from "../../lib/hosting/session_host.ts";
import { noForwarding } from "../../lib/session/forwarding.ts";
import { noPoints } from "../../lib/session/points_counters.ts";
import type { ByeCode } from "../../lib/wire/messages.ts";
import {
  type SessionSnapshot,
  summarizeAudio,
  summarizePoints,
  summarizeVideo,
} from "../../lib/session/snapshot.ts";

/** A connected session that has received frames of 10 points. */
export function snapshotOf(
  id: string,
  frames: number,
  more: Partial<SessionSnapshot> = {},
): SessionSnapshot {
  const histogram = { counts: [], sum: 0, count: 0 };
  return {
    id,
    name: id,
    resumes: null,
    state: "connected",
    createdAt: "2026-01-01T00:00:00.000Z",
    connectedAt: "2026-01-01T00:00:01.000Z",
    brokenLimit: null,
    unusedSections: [],
    remoteAddress: null,
    watchers: 0,
    forwarded: noForwarding(),
    link: { roundTripMs: null, roundTrips: histogram },
    latency: histogram,
    clock: null,
    streams: [],
    points: summarizePoints({ ...noPoints(), frames, points: 10 * frames }),
    video: summarizeVideo([]),
    audio: summarizeAudio([]),
    tracks: [],
    ...more,
  };
}

/** A host of which a test decides what it says, and when. */
export class ScriptedHost {
  observer: HostObserver = {};
  /** What the next look finds; it waits for it. */
  sessions: () => Promise<SessionSnapshot[]> = () => Promise.resolve([]);

  find(...sessions: SessionSnapshot[]): void {
    this.sessions = () => Promise.resolve(sessions);
  }

  close(session: SessionSnapshot, code: ByeCode = "ended"): void {
    this.observer.onClosed?.(session, "so", code);
  }

  subscribe(observer: HostObserver): Disposable {
    this.observer = observer;
    return { [Symbol.dispose]: () => void (this.observer = {}) };
  }

  get host(): SessionHost {
    return this as unknown as SessionHost;
  }
}

/** Reads samples of Prometheus' text format: value by name and labels. */
export function readSamples(text: string): Map<string, number> {
  const samples = new Map<string, number>();
  for (const line of text.split("\n")) {
    const [, name, value] = /^(\w+(?:\{.*\})?) (\S+)$/.exec(line) ?? [];
    if (name !== undefined) samples.set(name, Number(value));
  }
  return samples;
}
