/** The answer to an offer, of which werift has answered a part. */
import { rtpmapOf, withoutFormats } from "./codecs.ts";
import type { Description } from "./description.ts";
import {
  attributeOf,
  directionOf,
  isAttribute,
  mediaLineOf,
  withoutAttributes,
  writeMediaLine,
} from "./section.ts";
import { msidLine } from "./stream_name.ts";

/** What becomes of a section of an offer. */
export interface Place {
  /** Its lines, as they were offered. */
  section: readonly string[];
  /** Whether werift answers it, be it as inactive. */
  isAnswered: boolean;
  /** Whether it was answered with a codec that it doesn't offer. */
  isStandIn: boolean;
}

/** The name of the stream of all that is sent to a peer. */
const STREAM = "pointwire";

/**
 * Makes werift's answer to a prepared offer one to the offer itself: its
 * sections are in the places of those that they answer, with their names and
 * protocols, and the others are rejected (RFC 3264 section 6). What is sent is
 * of one stream (RFC 8830), so that players show it together, but for tracks
 * that have names; where nothing is sent, nothing is said of what sends it.
 *
 * @param nameOf the stream of what a section of the answer sends.
 */
export function finishAnswer(
  answer: Description,
  { places }: { places: readonly Place[] },
  nameOf: (mid: string) => string | undefined = () => undefined,
): Description {
  const answers = [...answer.sections];
  return {
    session: answer.session,
    sections: places.map(({ section, isAnswered, isStandIn }, index) => {
      const answered = isAnswered ? answers.shift() : undefined;
      if (answered === undefined) return rejected(section);
      const mid = attributeOf(answered, "mid") ?? "";
      const stream = nameOf(mid) ?? STREAM;
      const lines = finished(answered, section, msidLine(stream, index));
      return isStandIn ? withOwnFormat(lines, section) : lines;
    }),
  };
}

function finished(
  answer: readonly string[],
  offered: readonly string[],
  msid: string,
): string[] {
  const line = mediaLineOf(answer);
  const { protocol, kind } = mediaLineOf(offered);
  if (kind === "application") return nameAs(answer, offered);
  const lines = [
    writeMediaLine({ ...line, protocol }),
    ...nameAs(answer, offered).slice(1),
  ];
  const isSending = /^send/.test(directionOf(lines) ?? "");
  return isSending
    ? [...withoutAttributes(lines, "msid"), msid]
    : withoutAttributes(lines, "msid", "ssrc", "ssrc-group");
}

/** Has an inactive section name a format that is offered. */
function withOwnFormat(
  answer: readonly string[],
  offered: readonly string[],
): string[] {
  const [format] = mediaLineOf(offered).formats;
  const rtpmap = rtpmapOf(offered, format);
  return [
    ...withoutFormats(answer),
    ...rtpmap === undefined ? [] : [rtpmap],
  ];
}

/** A section without its name, where the one that it answers has none. */
function nameAs(
  answer: readonly string[],
  offered: readonly string[],
): string[] {
  return attributeOf(offered, "mid") === undefined
    ? withoutAttributes(answer, "mid")
    : [...answer];
}

function rejected(offered: readonly string[]): string[] {
  const line = mediaLineOf(offered);
  const [format] = line.formats;
  const kept = offered.filter((line) => isAttribute(line, "mid"));
  const rtpmap = rtpmapOf(offered, format);
  return [
    writeMediaLine({ ...line, port: 0, formats: [format] }),
    "c=IN IP4 0.0.0.0",
    "a=inactive",
    ...kept,
    ...rtpmap === undefined ? [] : [rtpmap],
  ];
}
