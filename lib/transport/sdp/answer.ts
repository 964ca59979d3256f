/** The answer to an offer, of which werift has answered a part. */
import { rtpmapOf } from "./codecs.ts";
import type { Description } from "./description.ts";
import {
  attributeOf,
  isAttribute,
  mediaLineOf,
  writeMediaLine,
} from "./section.ts";

/** What becomes of a section of an offer. */
export interface Place {
  /** Its lines, as they were offered. */
  section: readonly string[];
  /** Whether werift answers it, be it as inactive. */
  isAnswered: boolean;
}

/**
 * Makes werift's answer to a prepared offer one to the offer itself: its
 * sections are in the places of those that they answer, with their names and
 * protocols, and the others are rejected (RFC 3264 section 6).
 */
export function finishAnswer(
  answer: Description,
  { places }: { places: readonly Place[] },
): Description {
  const answers = [...answer.sections];
  return {
    session: answer.session,
    sections: places.map(({ section, isAnswered }) => {
      const answered = isAnswered ? answers.shift() : undefined;
      return answered === undefined
        ? rejected(section)
        : finished(answered, section);
    }),
  };
}

function finished(
  answer: readonly string[],
  offered: readonly string[],
): string[] {
  const [, ...rest] = answer;
  const line = mediaLineOf(answer);
  const { protocol, kind } = mediaLineOf(offered);
  const isNamed = attributeOf(offered, "mid") !== undefined;
  return [
    kind === "application" ? answer[0] : writeMediaLine({ ...line, protocol }),
    ...isNamed ? rest : rest.filter((line) => !isAttribute(line, "mid")),
  ];
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
