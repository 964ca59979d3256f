/** What fills a log. */
import { type Attack, FLOOD_MIB, SESSION_MIB, SLACK_MIB } from "./attack.ts";
import { repeat, Requests } from "./http.ts";
import { deadOffer } from "./offers.ts";

export const LOG_ATTACKS: readonly Attack[] = [
  {
    name: "log-paths",
    about: "requests for paths of 4 KB that don't exist",
    budget: FLOOD_MIB,
    async run(context) {
      const requests = new Requests(context);
      let count = 0;
      await repeat(context, { atOnce: 16 }, async () => {
        const target = `/${count++}${"x".repeat(4_000)}`;
        requests.check(await requests.ask({ target }), "A long path");
      });
      return requests.sent;
    },
  },
  {
    name: "log-resumes",
    about: "offers that name 240,000 characters of a session to resume",
    budget: SLACK_MIB + 64 * SESSION_MIB,
    async run(context) {
      const requests = new Requests(context);
      const resumes = "x".repeat(240_000);
      await repeat(context, { everyMs: 100 }, async () => {
        const answer = await requests.offer(deadOffer(), { resumes });
        requests.check(answer, "A long name");
      });
      return requests.sent;
    },
  },
];
