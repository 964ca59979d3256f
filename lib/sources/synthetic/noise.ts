/** Noise of sensors, the same again for the same seed. */

const NOISE_LENGTH = 1 << 16;

/** Any whole number becomes an index into {@linkcode normalNoise} by it. */
export const NOISE_MASK = NOISE_LENGTH - 1;

/** Makes 65,536 normally distributed numbers (Box and Muller 1958). */
export function normalNoise(seed: number): Float32Array {
  const noise = new Float32Array(NOISE_LENGTH);
  const uniform = (i: number) => (mix(mix(seed) + i) + 0.5) * 2 ** -32;
  for (let i = 0; i < NOISE_LENGTH; i += 2) {
    const radius = Math.sqrt(-2 * Math.log(uniform(i)));
    const angle = 2 * Math.PI * uniform(i + 1);
    noise[i] = radius * Math.cos(angle);
    noise[i + 1] = radius * Math.sin(angle);
  }
  return noise;
}

/** Makes an arbitrary uint32 of another (the finalizer of MurmurHash3). */
export function mix(value: number): number {
  let hash = value | 0;
  hash = Math.imul(hash ^ hash >>> 16, 0x85ebca6b);
  hash = Math.imul(hash ^ hash >>> 13, 0xc2b2ae35);
  return (hash ^ hash >>> 16) >>> 0;
}
