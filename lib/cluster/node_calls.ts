import type { RecordingControl } from "../hosting/recording_control.ts";
import type { RecordingFolder } from "../recording/recording_folder.ts";
import type { ListQuery } from "../recording/recording_library.ts";
import type { SessionHost } from "../hosting/session_host.ts";
import type { KnownSession, NodeCalls } from "./calls.ts";
import type { ClusterFeeds } from "./cluster_feeds.ts";
import { factsOf } from "./far_files.ts";
import { readJson } from "./json.ts";
import { noFolder } from "./cluster_recordings.ts";
import type { NameClaims } from "./name_claims.ts";
import { cutPage, pageOf } from "./session_pages.ts";

/** What a node answers others with. */
export interface NodeParts {
  /** Where its sessions live. */
  local: SessionHost;
  /** Its sessions, as they were announced. */
  announced: ReadonlyMap<string, KnownSession>;
  claims: NameClaims;
  feeds: ClusterFeeds;
  /** @default {none are recorded} */
  recordings: RecordingControl | undefined;
  /** @default {it has no folder} */
  folder: RecordingFolder | undefined;
  /** Most bytes of an answer. */
  maxPayload: number;
  /** What people call it. */
  node: string;
}

/** What a node does for others. */
export function nodeCalls(
  { local, announced, claims, feeds, recordings, folder, ...rest }: NodeParts,
): NodeCalls {
  const { maxPayload, node } = rest;
  const recorder = () => {
    if (recordings === undefined) throw noFolder(node);
    return recordings;
  };
  return {
    async sessions(from) {
      const all = (await local.sessions()).map((session) => {
        const { caller } = announced.get(session.id) ?? {};
        return { session, caller };
      });
      // Characters may take several bytes each.
      return pageOf(all, from, maxPayload / 2);
    },
    session: (id) => local.session(id),
    endSession: (id, reason, code) => local.endSession(id, reason, code),
    endWatcher: (session, id, reason) => local.endWatcher(session, id, reason),
    openFeed: (session, link, isDirect) => feeds.send(session, link, isDirect),
    claim: (name, by, resumes) =>
      Promise.resolve(claims.grant(name, by, resumes)),
    startRecording: async (id) => await recorder().start(id),
    stopRecording: async (id) => await recorder().stop(id),
    async listRecordings(text) {
      const query = readJson<ListQuery>(new TextEncoder().encode(text)) ?? {};
      const page = await folder?.list({ ...query, limit: query.limit ?? 1 });
      return cutPage(page ?? { recordings: [] }, maxPayload / 2);
    },
    findRecording: async (name, hasSessions) =>
      folder === undefined ? null : await factsOf(folder, name, hasSessions),
  };
}
