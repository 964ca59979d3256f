import { HostError } from "./host_error.ts";
import { withLayer } from "./layer.ts";
import type { Answered, PublishRequest, SessionHost } from "./session_host.ts";
import type { SessionNames } from "./session_names.ts";

/** Names made up for one session, where other nodes take them just then. */
const MADE_UP = 4;

/**
 * Makes a host whose sessions have names, each another: `publish` throws a
 * `HostError` `name-taken` where the one that is asked for is in use.
 */
export function nameHost(host: SessionHost, names: SessionNames): SessionHost {
  async function publish(
    request: PublishRequest,
    posted?: MessagePort,
  ): Promise<Answered> {
    const taken = new Set<string>();
    while (true) {
      using reserved = names.reserve(request, taken);
      const { name } = reserved;
      try {
        return await host.publish({ ...request, name }, posted);
      } catch (error) {
        const isOver = request.name !== undefined || taken.size === MADE_UP;
        if (isOver || !(error instanceof HostError)) throw error;
        if (error.code !== "name-taken") throw error;
        taken.add(name);
      }
    }
  }
  return withLayer(host, { publish });
}
