/** The programs that draw points and lines, in GLSL ES 3.00. */
import { SLOTS } from "./categories.ts";

/** What decides a point's colour; the number is the shader's. */
export const COLOR_BY = {
  height: 0,
  scalar: 1,
  distance: 2,
  plain: 3,
  rgb: 4,
  category: 5,
  stream: 6,
} as const;

const PRECISION = "precision highp float;\nprecision highp int;\n";

/**
 * Colours run through OKLCh on a straight line, which is perceptually even.
 * Points nearer than the orbit's centre are larger, those farther away smaller.
 */
export const POINT_VERTEX = PRECISION + /* glsl */ `
uniform mat4 modelMatrix;
uniform mat4 modelViewMatrix;
uniform mat4 projectionMatrix;
uniform int colorBy;
uniform float faded;
uniform vec2 range;
uniform vec3 rampLow;
uniform vec3 rampHigh;
uniform vec3 plain;
uniform vec3 own;
uniform vec3 eye;
uniform vec3 palette[${SLOTS}];
uniform vec3 background;
uniform float size;
uniform float focus;
in vec3 position;
in float scalar;
in vec4 tint;
flat out vec3 color;
flat out float radius;

// By the bits: a compiler that takes every number for finite drops isnan().
bool isFinite(float value) {
  return (floatBitsToUint(value) & 0x7f800000u) != 0x7f800000u;
}

vec3 srgbOfOklch(vec3 lch) {
  float a = lch.y * cos(lch.z);
  float b = lch.y * sin(lch.z);
  float l = lch.x + 0.3963377774 * a + 0.2158037573 * b;
  float m = lch.x - 0.1055613458 * a - 0.0638541728 * b;
  float s = lch.x - 0.0894841775 * a - 1.2914855480 * b;
  vec3 lms = vec3(l * l * l, m * m * m, s * s * s);
  vec3 linear = clamp(vec3(
    dot(lms, vec3(4.0767416621, -3.3077115913, 0.2309699292)),
    dot(lms, vec3(-1.2684380046, 2.6097574011, -0.3413193965)),
    dot(lms, vec3(-0.0041960863, -0.7034186147, 1.7076147010))
  ), 0.0, 1.0);
  return mix(
    12.92 * linear,
    1.055 * pow(linear, vec3(1.0 / 2.4)) - 0.055,
    step(0.0031308, linear)
  );
}

void main() {
  if (!(isFinite(position.x) && isFinite(position.y) && isFinite(position.z))) {
    gl_Position = vec4(2.0, 2.0, 2.0, 1.0);
    gl_PointSize = 0.0;
    return;
  }
  vec4 view = modelViewMatrix * vec4(position, 1.0);
  gl_Position = projectionMatrix * view;
  float depth = max(-view.z, 1e-6);
  gl_PointSize = size * clamp(focus / depth, 0.75, 1.9);
  radius = gl_PointSize;
  // What stands for itself is not altered by the distance.
  if (colorBy == 4) {
    color = mix(tint.rgb, background, faded);
    return;
  }
  if (colorBy == 5) {
    vec3 named = palette[clamp(int(scalar + 0.5), 0, ${SLOTS - 1})];
    color = mix(named, background, faded);
    return;
  }
  float value = colorBy == 0 ? (modelMatrix * vec4(position, 1.0)).z
    : colorBy == 1 ? scalar : length(position - eye);
  float at = clamp((value - range.x) / max(range.y - range.x, 1e-30), 0.0, 1.0);
  bool isEven = colorBy == 3 || colorBy == 6;
  vec3 full = colorBy == 6 ? own : isEven || !isFinite(value)
    ? plain : srgbOfOklch(mix(rampLow, rampHigh, at));
  // What is far away fades, which tells near from far; where nothing else
  // gives the cloud its shape, more.
  float haze = isEven ? 0.85 * smoothstep(0.55, 1.8, depth / focus)
    : 0.55 * smoothstep(1.0, 3.0, depth / focus);
  color = mix(full, background, max(haze, faded));
}
`;

/** Small points are squares, which cost nothing; larger ones are round. */
export const POINT_FRAGMENT = PRECISION + /* glsl */ `
flat in vec3 color;
flat in float radius;
out vec4 result;

void main() {
  vec2 from = gl_PointCoord - 0.5;
  if (radius > 3.0 && dot(from, from) > 0.25) discard;
  result = vec4(color, 1.0);
}
`;

export const LINE_VERTEX = PRECISION + /* glsl */ `
uniform mat4 modelMatrix;
uniform mat4 viewMatrix;
uniform mat4 projectionMatrix;
in vec3 position;
in vec4 color;
out vec4 lineColor;
out vec2 place;

void main() {
  vec4 world = modelMatrix * vec4(position, 1.0);
  place = position.xy;
  lineColor = color;
  gl_Position = projectionMatrix * viewMatrix * world;
}
`;

/** Lines fade out towards a circle of `reach` metres. */
export const LINE_FRAGMENT = PRECISION + /* glsl */ `
uniform float reach;
in vec4 lineColor;
in vec2 place;
out vec4 result;

void main() {
  float fade = 1.0 - smoothstep(0.35 * reach, reach, length(place));
  result = vec4(lineColor.rgb, lineColor.a * fade);
}
`;
