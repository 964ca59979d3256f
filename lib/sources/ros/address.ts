import { SourceError } from "../errors.ts";

/** Topics of a bridge, as a source or a camera is called. */
export interface RosAddress {
  /** The WebSocket of the bridge. */
  url: string;
  /** Names, and patterns, in which `*` is any text; at least one. */
  topics: string[];
}

const SCHEME = "ros:";
const WITH_URL = /^foxglove\+(wss?:\/\/[^/#?]*)(\/.*)?$/s;
/** A bridge that has a path of its own: topics come after it. */
const WITH_PATH = /^foxglove\+(wss?:\/\/[^#]*)#(.*)$/s;

/** Tells whether a name is one of topics. */
export function isRosName(name: string): boolean {
  return name.startsWith(SCHEME) || name.startsWith("foxglove+");
}

/**
 * Reads `ros:/points`, `ros:*`, `ros:/front/*,/rear/points`, or what has the
 * bridge's URL with it: `foxglove+ws://robot:8765/points`, and where that has a
 * path of its own `foxglove+ws://server:8080/foxglove#/robot-7/points`.
 *
 * @param bridge URL of the bridge, where the name has none.
 * @throws {SourceError} that says what is wrong, and what is right.
 */
export function readRosAddress(
  name: string,
  bridge: string | undefined,
): RosAddress {
  const [, own, path = "/"] = WITH_PATH.exec(name) ?? WITH_URL.exec(name) ??
    [];
  const isShort = name.startsWith(SCHEME);
  if (!isShort && own === undefined) {
    throw new SourceError(
      `${name} is no bridge's address, such as ` +
        "foxglove+ws://robot:8765/points",
    );
  }
  const url = own ?? bridge;
  if (url === undefined) {
    throw new SourceError(
      `${name} needs the bridge that has it: --ros ws://HOST:8765`,
    );
  }
  checkUrl(url);
  const listed = isShort ? name.slice(SCHEME.length) : decodeURI(path);
  const isAll = !isShort && (listed === "/" || listed === "");
  const topics = isAll ? ["*"] : listed.split(",");
  if (topics.every((topic) => topic.trim() !== "")) {
    return { url, topics: topics.map((topic) => topic.trim()) };
  }
  throw new SourceError(
    `${name} names no topic: ros:/points, several with commas, or ros:* for ` +
      "all clouds",
  );
}

/** A bridge's URL as it may be shown: its query may hold a token. */
export function shownUrl(url: string): string {
  return url.split("?", 1)[0];
}

/** @throws {SourceError} for what is no WebSocket's URL. */
function checkUrl(url: string): void {
  if (URL.canParse(url) && ["ws:", "wss:"].includes(new URL(url).protocol)) {
    return;
  }
  throw new SourceError(
    `"${shownUrl(url)}" is no bridge's URL; expected ws://HOST:8765, or wss://`,
  );
}
