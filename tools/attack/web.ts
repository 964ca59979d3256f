/** What a page of somebody else's would have a browser ask for. */
import { type Attack, SLACK_MIB } from "./attack.ts";
import { JSON_TYPE, type RawRequest, Requests } from "./http.ts";
import { deadOffer } from "./offers.ts";

const FOREIGN = "evil.example";

/** Methods whose names an object has of its own. */
const METHODS = [
  ...["constructor", "toString", "valueOf", "hasOwnProperty", "__proto__"],
  ...["isPrototypeOf", "toLocaleString", "PROPFIND", "x"],
];
const PATHS = [
  ...["/", "/offer", "/whip", "/whep/x", "/sessions", "/sessions/x"],
  ...["/events", "/metrics", "/healthz", "/style.css", "/nothing"],
];

/** Posts an offer with other fields. */
function offerWith(headers: Record<string, string>): RawRequest {
  const body = JSON.stringify({ type: "offer", sdp: deadOffer() });
  return { method: "POST", target: "/offer", headers, body };
}

const isTaken = (status: number) => status >= 200 && status < 300;

async function askAsPages(requests: Requests, origin: string): Promise<void> {
  const refuse = async (what: string, request: RawRequest) => {
    const { status } = await requests.ask(request);
    if (isTaken(status)) requests.breach(`${what} was taken`);
  };
  const take = async (what: string, request: RawRequest) => {
    const { status } = await requests.ask(request);
    if (!isTaken(status)) requests.breach(`${what} was answered ${status}`);
  };
  await refuse(
    "an offer as text/plain",
    offerWith({ "content-type": "text/plain" }),
  );
  await refuse(
    "an offer of a foreign page",
    offerWith({ ...JSON_TYPE, origin: `http://${FOREIGN}` }),
  );
  await refuse(
    "a cross-site offer",
    offerWith({ ...JSON_TYPE, "sec-fetch-site": "cross-site" }),
  );
  const host = `${FOREIGN}:8080`;
  await refuse("an offer to a foreign host", offerWith({ ...JSON_TYPE, host }));
  await refuse("the sessions of a foreign host", {
    target: "/sessions",
    headers: { host },
  });
  await take("an offer without an origin", offerWith(JSON_TYPE));
  await take("an offer of its own page", offerWith({ ...JSON_TYPE, origin }));
}

export const WEB_ATTACKS: readonly Attack[] = [
  {
    name: "web-pages",
    about: "what a foreign page asks for, by itself and by DNS rebinding",
    budget: SLACK_MIB,
    async run(context) {
      const requests = new Requests(context);
      await askAsPages(requests, context.url);
      return requests.sent;
    },
  },
  {
    name: "methods",
    about: "methods that are named as what every object has",
    budget: SLACK_MIB,
    async run(context) {
      const requests = new Requests(context);
      for (const method of METHODS) {
        for (const target of PATHS) {
          const answer = await requests.ask({ method, target });
          requests.check(answer, `The method ${method}`);
        }
      }
      return requests.sent;
    },
  },
];
