/** As few parts of at most `most` bytes as fit, of about the same length. */
export function evenParts(bytes: Uint8Array, most: number): Uint8Array[] {
  const count = Math.ceil(bytes.length / most);
  const at = (i: number) => Math.round(i * bytes.length / count);
  return Array.from(
    { length: count },
    (_, i) => bytes.subarray(at(i), at(i + 1)),
  );
}
