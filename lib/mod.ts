/**
 * pointwire sends live 3D points, with audio and video beside them, over
 * WebRTC.
 *
 * A server receives with {@linkcode PointServer}, a program that has points
 * sends them with {@linkcode publish}, and one that wants them takes them with
 * {@linkcode watch}. This is all of it; whoever needs a part imports that
 * alone, and what it needs with it:
 *
 * - `@pointwire/pointwire/points`: clouds, codecs and file formats; runs in a
 *   browser.
 * - `@pointwire/pointwire/wire`: frames, chunks and messages of a points
 *   channel; runs in a browser.
 * - `@pointwire/pointwire/publish`: publishing to a server.
 * - `@pointwire/pointwire/watch`: watching what a server has.
 * - `@pointwire/pointwire/server`: receiving.
 *
 * @module
 */
export * from "./playing/mod.ts";
export * from "./points/mod.ts";
export * from "./publishing/mod.ts";
export * from "./serving/mod.ts";
export * from "./wire/mod.ts";
