/** JSON as the bytes of a message. */

/** Writes a value. */
export function jsonBytes(value: unknown): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(value));
}

/** Reads an object of type `T`; nothing where it is none, or no JSON. */
export function readJson<T extends object>(
  bytes: Uint8Array,
): Partial<T> | undefined {
  try {
    const value: unknown = JSON.parse(new TextDecoder().decode(bytes));
    return typeof value === "object" && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}
