/**
 * Puts a layer on a host, or whatever else: what `layer` has, it does; what is
 * below does the rest.
 */
export function withLayer<T extends object>(below: T, layer: Partial<T>): T {
  return new Proxy(below, {
    get(_, name) {
      const owner = name in layer ? layer : below;
      const value: unknown = Reflect.get(owner, name);
      return typeof value === "function" ? value.bind(owner) : value;
    },
  });
}
