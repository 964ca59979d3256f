/** What the drivers in TypeScript share: options, signals, what they say. */
import { parseArgs } from "node:util";
import type { Fields, RtcPeer } from "./rtc_peer.ts";

export function tell(message: string, fields: Fields = {}): void {
  console.error(JSON.stringify({ message, ...fields }));
}

/** Reads `ROLE URL --clouds N --points N`; a driver for all codecs has no more. */
export function parseRole() {
  const { values, positionals: [role, url] } = parseArgs({
    args: Deno.args,
    allowPositionals: true,
    options: {
      codec: { type: "string", default: "VP8" },
      clouds: { type: "string", default: "0" },
      points: { type: "string", default: "5000" },
    },
  });
  const { clouds, points } = values;
  return { role, url, clouds: Number(clouds), points: Number(points) };
}

/** Sees a peer to its end, hangs up, and reports. */
export async function runPeer(
  peer: Pick<RtcPeer, "end" | "over">,
  begin: () => Promise<
    { location: string; report: () => object | Promise<object> }
  >,
): Promise<void> {
  for (const signal of ["SIGTERM", "SIGINT"] as const) {
    Deno.addSignalListener(signal, () => peer.end(null));
  }
  const { location, report } = await begin();
  const endedBy = await peer.over;
  const found = await report();
  const { status, body } = await fetch(location, { method: "DELETE" });
  await body?.cancel();
  console.log(JSON.stringify({ deleted: status, endedBy, ...found }));
}
