/** Tokens that are wrong, or are for something else. */
import { SignJWT } from "jose";
import { startServer } from "../processes.ts";
import { type Attack, FLOOD_MIB, type Prepared, SLACK_MIB } from "./attack.ts";
import { repeat, Requests } from "./http.ts";
import { deadOffer } from "./offers.ts";

const SHORT_FINGERPRINT = `md5 ${Array(16).fill("AB").join(":")}`;
const BOM = "\ufeff";

const bearer = (token: string) => ({ authorization: `Bearer ${token}` });

/** Makes a folder with a key and a token file, and JWTs of that key. */
async function keyFolder(): Promise<Prepared> {
  const folder = await Deno.makeTempDir({ prefix: "pointwire-" });
  const secret = crypto.getRandomValues(new Uint8Array(32));
  const k = secret.toBase64({ alphabet: "base64url", omitPadding: true });
  const key = `${folder}/key.json`;
  await Deno.writeTextFile(key, JSON.stringify({ kty: "oct", k }));
  const tokens = `${folder}/tokens.json`;
  const content = { tokens: [{ token: "known", rights: ["watch"] }] };
  await Deno.writeTextFile(tokens, BOM + JSON.stringify(content));
  const sign = (pointwire: object) =>
    new SignJWT({ pointwire }).setProtectedHeader({ alg: "HS256" })
      .setExpirationTime("10m").sign(secret);
  return {
    args: ["--jwt-key", key],
    token: await sign({ publish: true, watch: true, operate: true }),
    values: {
      tokens,
      other: await sign({ operate: ["other"] }),
      publish: await sign({ publish: true }),
    },
    [Symbol.asyncDispose]: () => Deno.remove(folder, { recursive: true }),
  };
}

/** A server that is open to one token alone. */
function oneToken(): Promise<Prepared> {
  const token = crypto.randomUUID();
  return Promise.resolve({
    args: ["--publish-token", token],
    token,
    async [Symbol.asyncDispose]() {},
  });
}

export const TOKEN_ATTACKS: readonly Attack[] = [
  {
    name: "rights",
    about: "a JWT for another session, an md5 fingerprint, a file with a BOM",
    budget: SLACK_MIB,
    prepare: keyFolder,
    async run(context) {
      const { prepared, session, serverFolder } = context;
      const requests = new Requests(context);
      const ofOther = bearer(prepared.other);
      const { status } = await requests.ask({
        target: "/metrics",
        headers: ofOther,
      });
      if (status === 200) {
        requests.breach("who operates another session reads the metrics");
      }
      const deleted = await requests.ask({
        ...{ method: "DELETE", target: `/sessions/${session}` },
        headers: ofOther,
      });
      if (deleted.status < 300) {
        requests.breach("who operates another session ends this one");
      }
      const sdp = deadOffer({ fingerprint: SHORT_FINGERPRINT });
      const answer = await requests.ask({
        ...{ method: "POST", target: "/whip", body: sdp },
        headers: {
          "content-type": "application/sdp",
          ...bearer(prepared.publish),
        },
      });
      if (answer.status === 201) {
        requests.breach("an md5 fingerprint is answered");
      }
      const args = ["--host", "127.0.0.1", "--token-file", prepared.tokens];
      try {
        await using _ = await startServer(args, [], { cwd: serverFolder });
      } catch {
        requests.breach("a token file with a BOM is refused");
      }
      return requests.sent;
    },
  },
  {
    name: "wrong-tokens",
    about: "requests with tokens that are not known, as fast as they go",
    budget: FLOOD_MIB,
    prepare: oneToken,
    async run(context) {
      const requests = new Requests(context);
      await repeat(context, { atOnce: 16 }, async () => {
        const headers = bearer(crypto.randomUUID());
        const answer = await requests.ask({ target: "/metrics", headers });
        requests.check(answer, "A wrong token");
        if (answer.status === 200) requests.breach("a wrong token was taken");
      });
      return requests.sent;
    },
  },
];
