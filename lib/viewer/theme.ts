/** The colours that are drawn with, in the dark and in the light. */

/** sRGB, each from 0 to 1. */
export type Rgb = readonly [red: number, green: number, blue: number];

/** One end of the colour ramp, in OKLCh (Ottosson 2020). */
export interface RampEnd {
  /** 0 black to 1 white. */
  lightness: number;
  /** 0 grey to about 0.3. */
  chroma: number;
  /** Degrees. */
  hue: number;
}

export interface Theme {
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
  ramp: readonly [low: RampEnd, high: RampEnd];
}

export const DARK: Theme = {
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
  const css = ({ lightness, chroma, hue }: RampEnd) =>
    `oklch(${lightness} ${chroma} ${hue})`;
  return `linear-gradient(to right in oklch decreasing hue, ${css(low)}, ${
    css(high)
  })`;
}

function rgb(hex: number): Rgb {
  return [(hex >> 16) / 255, (hex >> 8 & 255) / 255, (hex & 255) / 255];
}
