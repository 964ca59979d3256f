import { NO_IMPAIRMENTS } from "./link.ts";
import type { Relay } from "./relay.ts";

/**
 * Makes the relay's HTTP side:
 *
 * - `POST /offer` {sdp, …}, and `POST /whip` and `/whep/…` of a bare SDP:
 *   passed on to `server`, with the candidates of the offer and of the answer
 *   replaced;
 * - `POST /pairs` {sdp} of an offer, `POST /pairs/N` {sdp} of its answer: the
 *   same for callers that carry them themselves;
 * - `POST /pairs/N/rebind`: the offerer's address changes;
 * - `GET /counters`, `PATCH /impairments`;
 * - any other request is passed on to `server` as it is.
 */
export function createRelayHandler(
  relay: Relay,
  server?: string,
): (request: Request) => Promise<Response> {
  return async (request) => {
    try {
      return await answer(request, relay, server);
    } catch (error) {
      const detail = error instanceof Error ? error.message : String(error);
      return Response.json({ detail }, { status: 400 });
    }
  };
}

async function answer(
  request: Request,
  relay: Relay,
  server: string | undefined,
): Promise<Response> {
  const { pathname, search } = new URL(request.url);
  const [, first, number, last] = pathname.split("/");
  switch (`${request.method} ${first}`) {
    case "POST offer":
      return await passOffer(await request.json(), relay, `${server}/offer`);
    case "POST whip":
    case "POST whep":
      return await passSdp(await request.text(), relay, `${server}${pathname}`);
    case "POST pairs": {
      if (last === "rebind") {
        relay.rebind(Number(number));
        return new Response(null, { status: 204 });
      }
      const { sdp } = await request.json();
      return Response.json(
        number === undefined
          ? relay.offer(sdp)
          : { sdp: relay.answer(Number(number), sdp) },
      );
    }
    case "GET counters":
      return Response.json(relay.counters);
    case "PATCH impairments":
      relay.impair(known(await request.json()));
      return Response.json(relay.impairments);
  }
  if (server === undefined) {
    return Response.json({ detail: "No --server was named" }, { status: 404 });
  }
  return await fetch(`${server}${pathname}${search}`, {
    method: request.method,
    headers: request.headers,
    body: request.body,
  });
}

async function passOffer(
  offer: { sdp: string },
  relay: Relay,
  url: string,
): Promise<Response> {
  const { pair, sdp } = relay.offer(offer.sdp);
  const response = await fetch(url, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ ...offer, sdp }),
  });
  if (!response.ok) return response;
  const answer = await response.json();
  return Response.json({ ...answer, sdp: relay.answer(pair, answer.sdp) });
}

async function passSdp(
  offer: string,
  relay: Relay,
  url: string,
): Promise<Response> {
  const { pair, sdp } = relay.offer(offer);
  const response = await fetch(url, {
    method: "POST",
    headers: { "content-type": "application/sdp" },
    body: sdp,
  });
  if (!response.ok) return response;
  const { status } = response;
  const headers = new Headers(response.headers);
  headers.delete("content-length");
  const answer = relay.answer(pair, await response.text());
  return new Response(answer, { status, headers });
}

/**
 * Returns the changes, which must name impairments.
 *
 * @throws {Error} for a name or a type that none has.
 */
function known(changes: Record<string, unknown>): Record<string, unknown> {
  for (const [name, value] of Object.entries(changes)) {
    const expected: unknown = Object.entries(NO_IMPAIRMENTS)
      .find(([each]) => each === name)?.[1];
    if (typeof value !== typeof expected) {
      throw new Error(`There is no impairment ${name} of ${value}`);
    }
  }
  return changes;
}
