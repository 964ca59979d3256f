/** Offers that cost more than they look. */
import { type Attack, SESSION_MIB, SLACK_MIB } from "./attack.ts";
import { Requests, stay } from "./http.ts";
import { candidate, deadOffer, videoSection } from "./offers.ts";

/** Offers that come at once: the burst of one address is 60. */
const AT_ONCE = 40;

const numbers = (length: number) => Array.from({ length }, (_, i) => i);

/** Posts an offer 40 times at once. */
function offersAtOnce(
  name: string,
  about: string,
  make: () => string,
): Attack {
  return {
    name,
    about,
    budget: SLACK_MIB + AT_ONCE * SESSION_MIB,
    async run(context) {
      const started = performance.now();
      const requests = new Requests(context);
      await Promise.all(
        numbers(AT_ONCE).map(async () => {
          requests.check(await requests.offer(make()), "An offer");
        }),
      );
      await stay(context, started);
      return requests.sent;
    },
  };
}

export const SDP_ATTACKS: readonly Attack[] = [
  offersAtOnce(
    "sdp-bare-cr",
    "offers whose one line is 900 sections to who splits it at a bare CR",
    () => {
      const lines = numbers(900).flatMap((i) => [
        "m=video 9 UDP/TLS/RTP/SAVPF 96",
        `a=mid:${i + 1}`,
        "a=rtpmap:96 VP8/90000",
      ]);
      return deadOffer({
        lines: [`a=x:${"y".repeat(80)}\r${lines.join("\r")}`],
      });
    },
  ),
  offersAtOnce(
    "sdp-many-lines",
    "offers with 8,100 lines a=ssrc",
    () => {
      const lines = numbers(8_100).map((i) => `a=ssrc:${1e6 + i} cname:x`);
      return deadOffer({ sections: [videoSection(1, lines)] });
    },
  ),
  offersAtOnce(
    "sdp-many-sections",
    "offers with 64 sections, of which each wants a receiver",
    () => {
      const sections = numbers(63).map((i) => videoSection(i + 1));
      return deadOffer({ sections });
    },
  ),
  offersAtOnce(
    "sdp-many-candidates",
    "offers with 256 candidates where nobody is",
    () => {
      const lines = numbers(256).map((i) => candidate("127.0.0.1", 1 + i));
      return deadOffer({ lines });
    },
  ),
];
