import { withLayer } from "./layer.ts";
import type { Answered, PublishRequest, SessionHost } from "./session_host.ts";
import type { SessionNames } from "./session_names.ts";

/**
 * Makes a host whose sessions have names, each another: `publish` throws a
 * `HostError` `name-taken` where the one that is asked for is in use.
 */
export function nameHost(host: SessionHost, names: SessionNames): SessionHost {
  async function publish(
    request: PublishRequest,
    posted?: MessagePort,
  ): Promise<Answered> {
    using reserved = names.reserve(request);
    return await host.publish({ ...request, name: reserved.name }, posted);
  }
  return withLayer(host, { publish });
}
