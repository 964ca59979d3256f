import type { Logger } from "../../log.ts";
import type { SourceCamera } from "../opened_source.ts";
import { streamNames } from "../topic_names.ts";
import type { KnownTopic } from "./topics.ts";

/** Cameras that come with a bag's clouds: each takes an encoder. */
const MAX_CAMERAS = 4;

/** The topics of one camera, picture and sound. */
type CameraTopics = KnownTopic[];

/**
 * Lists the cameras of a bag. The sound of `/front/audio` goes with the picture
 * of `/front/video`, and both are called `front`, as what was recorded was.
 *
 * @param known topics, those with pictures and sound among others.
 */
export function camerasOf(
  known: readonly KnownTopic[],
  { path, log }: { path: string; log: Logger },
): SourceCamera[] {
  const cameras = Map.groupBy(
    known.filter(({ kind }) => kind === "picture" || kind === "sound"),
    (one) => nameOf(one),
  );
  // One of a kind has a name of its own: each is sent.
  const all = [...cameras].flatMap(([name, topics]) =>
    isOne(topics)
      ? [{ name, topics }]
      : topics.map((one) => ({ name: one.topic.name, topics: [one] }))
  );
  const chosen = all.slice(0, MAX_CAMERAS);
  if (all.length > chosen.length) {
    log.warn("cameras left out: name those that are wanted by --media", {
      cameras: all.slice(MAX_CAMERAS).map(({ topics }) => listOf(topics))
        .join(", "),
    });
  }
  // The only one needs no name, as a session's only one has none.
  const isNamed = chosen.length !== 1 || chosen[0].name !== "";
  const names = streamNames(
    chosen.map(({ name, topics: [first] }) => name || first.topic.name),
  );
  return chosen.map(({ topics }, i) => ({
    name: isNamed ? names[i] : undefined,
    input: `${path}:${listOf(topics)}`,
  }));
}

/** What a topic's camera is called: nothing where the topic is just a kind. */
function nameOf({ kind, topic: { name } }: KnownTopic): string {
  const last = kind === "picture" ? "/video" : "/audio";
  return name.endsWith(last) ? name.slice(0, -last.length) : name;
}

function isOne(topics: CameraTopics): boolean {
  const kinds = topics.map(({ kind }) => kind);
  return new Set(kinds).size === kinds.length;
}

function listOf(topics: CameraTopics): string {
  return topics.map(({ topic }) => topic.name).join(",");
}
