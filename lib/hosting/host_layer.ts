import type { SessionHost } from "./session_host.ts";

/** Puts a layer on a host: what `layer` has, it does; the host does the rest. */
export function withLayer(
  host: SessionHost,
  layer: Partial<SessionHost>,
): SessionHost {
  return new Proxy(host, {
    get(_, name) {
      const owner = name in layer ? layer : host;
      const value: unknown = Reflect.get(owner, name);
      return typeof value === "function" ? value.bind(owner) : value;
    },
  });
}
