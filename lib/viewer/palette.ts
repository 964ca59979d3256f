/** Colours that tell things apart, for the dark and for the light. */
import { isClassification, SLOTS } from "./categories.ts";
import { type Oklch, type Rgb, rgbOfOklch } from "./theme.ts";

/** Degrees between the hues of the palette that are neighbours. */
const HUES = 12;
const TURN = 360 / HUES;

/** Hues are taken in this stride, so that small numbers are far apart. */
const STRIDE = 5;

/** Of the even and of the odd round of hues. */
const DARK_LIGHTNESS = [0.76, 0.6] as const;
const LIGHT_LIGHTNESS = [0.6, 0.44] as const;
const CHROMA = [0.15, 0.13] as const;
const GREY = 0.015;

const CLASS_LIGHTNESS = { dark: 0.7, light: 0.55 };

/**
 * Colours as maps have them, for the standard classes: hue, chroma, and how
 * much lighter than the others.
 */
const CLASS_COLORS: readonly (readonly [number, number, number])[] = [
  ...[[260, GREY, -0.1], [260, GREY, 0.06], [65, 0.09, -0.04]] as const,
  ...[[125, 0.16, 0.12], [138, 0.16, 0], [150, 0.12, -0.14]] as const,
  ...[[35, 0.17, 0], [350, 0.2, 0], [100, 0.1, 0.1]] as const,
  ...[[245, 0.15, 0], [300, 0.16, 0], [270, 0.05, -0.02]] as const,
  ...[[20, 0.06, 0], [95, 0.15, 0.12], [80, 0.15, 0.04]] as const,
  ...[[55, 0.14, -0.1], [320, 0.16, 0.05], [205, 0.12, 0.05]] as const,
  [5, 0.17, 0.08],
];

/** Gives the palette of a field, {@linkcode SLOTS} colours. */
export function paletteOf(field: string, isDark: boolean): Rgb[] {
  const isOfClasses = isClassification(field);
  return Array.from({ length: SLOTS }, (_, slot) => {
    const color = isOfClasses ? classColor(slot, isDark) : undefined;
    return rgbOfOklch(color ?? slotColor(slot, isDark));
  });
}

/** Gives the colour that tells a stream from others, by its place in a list. */
export function streamColor(slot: number, isDark: boolean): Rgb {
  // The first is grey, which tells little.
  return rgbOfOklch(slotColor(slot % (SLOTS - 1) + 1, isDark));
}

/** Writes a colour as CSS does. */
export function cssOf([red, green, blue]: Rgb): string {
  const [r, g, b] = [red, green, blue].map((value) => Math.round(value * 255));
  return `rgb(${r} ${g} ${b})`;
}

function classColor(slot: number, isDark: boolean): Oklch | undefined {
  const color = CLASS_COLORS[slot];
  if (color === undefined) return undefined;
  const [hue, chroma, lighter] = color;
  const middle = isDark ? CLASS_LIGHTNESS.dark : CLASS_LIGHTNESS.light;
  return { lightness: middle + lighter, chroma, hue };
}

/** The first colour is grey: 0 is often what nothing is known of. */
function slotColor(slot: number, isDark: boolean): Oklch {
  const round = Math.floor(slot / HUES) % 2;
  const lightness = (isDark ? DARK_LIGHTNESS : LIGHT_LIGHTNESS)[round];
  if (slot === 0) return { lightness, chroma: GREY, hue: 260 };
  const hue = ((slot * STRIDE) % HUES) * TURN + 25 + round * TURN / 2;
  return { lightness, chroma: CHROMA[round], hue: hue % 360 };
}
