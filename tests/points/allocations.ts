/**
 * Runs `call`, and counts the bytes of the arrays that it makes by their
 * length: what a lying header would have made large.
 */
export function countAllocated(call: () => void): number {
  let bytes = 0;
  const { ArrayBuffer, Uint8Array, Float32Array, Float64Array } = globalThis;
  const originals = { ArrayBuffer, Uint8Array, Float32Array, Float64Array };
  for (const constructor of Object.values(originals)) {
    Object.defineProperty(globalThis, constructor.name, {
      configurable: true,
      writable: true,
      value: new Proxy(constructor, {
        construct(target, args, newTarget) {
          if (typeof args[0] === "number") {
            const size = "BYTES_PER_ELEMENT" in target
              ? target.BYTES_PER_ELEMENT
              : 1;
            bytes += args[0] * size;
          }
          return Reflect.construct(target, args, newTarget);
        },
      }),
    });
  }
  try {
    call();
  } finally {
    Object.assign(globalThis, originals);
  }
  return bytes;
}
