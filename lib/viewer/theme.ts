/** The colours that are drawn with, in the dark and in the light. */

/** sRGB, each from 0 to 1. */
export type Rgb = readonly [red: number, green: number, blue: number];

/** A colour in OKLCh (Ottosson 2020). */
export interface Oklch {
  /** 0 black to 1 white. */
  lightness: number;
  /** 0 grey to about 0.3. */
  chroma: number;
  /** Degrees. */
  hue: number;
}

export interface Theme {
  isDark: boolean;
  background: Rgb;
  grid: Rgb;
  /** Of the x, y and z axis. */
  axes: readonly [Rgb, Rgb, Rgb];
  /** Points of one colour. */
  plain: Rgb;
  /**
   * Colours from low to high. In OKLCh lightness rises evenly, so equal steps
   * of a value look like equal steps.
   */
  ramp: readonly [low: Oklch, high: Oklch];
}

export const DARK: Theme = {
  isDark: true,
  background: rgb(0x0c0f14),
  grid: rgb(0x5d6b80),
  axes: [rgb(0xe5625e), rgb(0x6cc070), rgb(0x5b9bf0)],
  plain: rgb(0x9db3cc),
  ramp: [
    { lightness: 0.44, chroma: 0.17, hue: 285 },
    { lightness: 0.93, chroma: 0.16, hue: 100 },
  ],
};

export const LIGHT: Theme = {
  isDark: false,
  background: rgb(0xf5f6f8),
  grid: rgb(0x8a94a3),
  axes: [rgb(0xc93a3a), rgb(0x2f8a3c), rgb(0x2866c8)],
  plain: rgb(0x2c3440),
  ramp: [
    { lightness: 0.38, chroma: 0.17, hue: 285 },
    { lightness: 0.74, chroma: 0.16, hue: 100 },
  ],
};

/** Writes the ramp as a CSS gradient from left to right. */
export function rampGradient([low, high]: Theme["ramp"]): string {
  const css = ({ lightness, chroma, hue }: Oklch) =>
    `oklch(${lightness} ${chroma} ${hue})`;
  return `linear-gradient(to right in oklch decreasing hue, ${css(low)}, ${
    css(high)
  })`;
}

/** Gives the colour that is nearest to it, channel by channel, in sRGB. */
export function rgbOfOklch({ lightness, chroma, hue }: Oklch): Rgb {
  const angle = hue * Math.PI / 180;
  const a = chroma * Math.cos(angle), b = chroma * Math.sin(angle);
  const l = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3;
  const m = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3;
  const s = (lightness - 0.0894841775 * a - 1.291485548 * b) ** 3;
  return [
    encode(4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s),
    encode(-1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s),
    encode(-0.0041960863 * l - 0.7034186147 * m + 1.7076147010 * s),
  ];
}

/** The transfer function of sRGB. */
function encode(linear: number): number {
  const value = Math.min(1, Math.max(0, linear));
  return value < 0.0031308 ? 12.92 * value : 1.055 * value ** (1 / 2.4) - 0.055;
}

function rgb(hex: number): Rgb {
  return [(hex >> 16) / 255, (hex >> 8 & 255) / 255, (hex & 255) / 255];
}
