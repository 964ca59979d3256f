/**
 * Writes stand-ins for the pinned `jsr:@std` packages into `vendor/`, for
 * machines that reach npm but not JSR.
 *
 * Each stand-in is laid out as Deno lays out a vendored JSR package, re-exports
 * what pointwire uses from an npm release of the same sources, and gives it the
 * types that std documents. `tools/setup.sh` runs this, and only where JSR does
 * not answer.
 *
 * ```sh
 * deno run --no-config --no-lock --allow-read=. --allow-write=vendor \
 *   tools/vendor_std.ts
 * ```
 *
 * @module
 */

const NPM = "npm:deno-std@1.4.0";

/**
 * Marks a vendor folder that holds stand-ins, which `tools/setup.sh` removes where
 * JSR answers.
 */
const MARKER = "STAND-INS";

/** A module's path inside its package, and its text. */
type Modules = Record<string, string>;

/** One package: its modules, and those that `import "@std/NAME/…"` reaches. */
interface StandIn {
  exports: Record<string, string>;
  modules: Modules;
}

/*
 * The modules are text, not files of this repository, so that type-checking it
 * never pulls the npm release into deno.lock. That release is plain JavaScript:
 * each module below casts it once, on import, to the types it declares.
 */

const assert: StandIn = {
  exports: { ".": "./mod.ts" },
  modules: {
    "mod.ts": `
import * as untyped from "${NPM}/assert/mod.js";

// deno-lint-ignore no-explicit-any
type Class<T> = abstract new (...args: any[]) => T;
type Numeric = number | bigint;

interface Assertions {
  almostEquals(actual: number, expected: number, tolerance?: number, msg?: string): void;
  arrayIncludes<T>(actual: ArrayLike<T>, expected: ArrayLike<T>, msg?: string): void;
  assert(expr: unknown, msg?: string): asserts expr;
  equal(a: unknown, b: unknown): boolean;
  equals<T>(actual: T, expected: T, msg?: string): void;
  exists<T>(actual: T, msg?: string): asserts actual is NonNullable<T>;
  fail(msg?: string): never;
  false(expr: unknown, msg?: string): asserts expr is false | 0 | 0n | "" | null | undefined;
  compare<T>(actual: T, expected: T, msg?: string): void;
  instanceOf<T extends Class<unknown>>(actual: unknown, expected: T, msg?: string): asserts actual is InstanceType<T>;
  isError<E extends Error = Error>(
    error: unknown,
    ErrorClass?: Class<E>,
    msgMatches?: string | RegExp,
    msg?: string,
  ): asserts error is E;
  match(actual: string, expected: RegExp, msg?: string): void;
  notInstanceOf<A, T>(actual: A, unexpected: Class<T>, msg?: string): asserts actual is Exclude<A, T>;
  notStrictEquals<T>(actual: T, expected: T, msg?: string): void;
  objectMatch(actual: Record<PropertyKey, unknown>, expected: Record<PropertyKey, unknown>, msg?: string): void;
  rejects(fn: () => PromiseLike<unknown>, msg?: string): Promise<unknown>;
  rejects<E extends Error = Error>(
    fn: () => PromiseLike<unknown>,
    ErrorClass: Class<E>,
    msgIncludes?: string,
    msg?: string,
  ): Promise<E>;
  strictEquals<T>(actual: unknown, expected: T, msg?: string): asserts actual is T;
  stringIncludes(actual: string, expected: string, msg?: string): void;
  throws(fn: () => unknown, msg?: string): unknown;
  throws<E extends Error = Error>(fn: () => unknown, ErrorClass: Class<E>, msgIncludes?: string, msg?: string): E;
  error: new (message: string, options?: ErrorOptions) => Error;
}

interface Package {
  assert: Assertions["assert"];
  assertAlmostEquals: Assertions["almostEquals"];
  assertArrayIncludes: Assertions["arrayIncludes"];
  assertEquals: Assertions["equals"];
  assertExists: Assertions["exists"];
  assertFalse: Assertions["false"];
  assertGreater: Assertions["compare"];
  assertGreaterOrEqual: Assertions["compare"];
  assertInstanceOf: Assertions["instanceOf"];
  AssertionError: Assertions["error"];
  assertIsError: Assertions["isError"];
  assertLess: Assertions["compare"];
  assertLessOrEqual: Assertions["compare"];
  assertMatch: Assertions["match"];
  assertNotEquals: Assertions["equals"];
  assertNotInstanceOf: Assertions["notInstanceOf"];
  assertNotMatch: Assertions["match"];
  assertNotStrictEquals: Assertions["notStrictEquals"];
  assertObjectMatch: Assertions["objectMatch"];
  assertRejects: Assertions["rejects"];
  assertStrictEquals: Assertions["strictEquals"];
  assertStringIncludes: Assertions["stringIncludes"];
  assertThrows: Assertions["throws"];
  equal: Assertions["equal"];
  fail: Assertions["fail"];
  unimplemented: Assertions["fail"];
  unreachable: Assertions["fail"];
}

const std = untyped as unknown as Package;

export const assert: Package["assert"] = std.assert;
export const assertAlmostEquals: Package["assertAlmostEquals"] = std.assertAlmostEquals;
export const assertArrayIncludes: Package["assertArrayIncludes"] = std.assertArrayIncludes;
export const assertEquals: Package["assertEquals"] = std.assertEquals;
export const assertExists: Package["assertExists"] = std.assertExists;
export const assertFalse: Package["assertFalse"] = std.assertFalse;
export const assertGreater: Package["assertGreater"] = std.assertGreater;
export const assertGreaterOrEqual: Package["assertGreaterOrEqual"] = std.assertGreaterOrEqual;
export const assertInstanceOf: Package["assertInstanceOf"] = std.assertInstanceOf;
export const assertIsError: Package["assertIsError"] = std.assertIsError;
export const assertLess: Package["assertLess"] = std.assertLess;
export const assertLessOrEqual: Package["assertLessOrEqual"] = std.assertLessOrEqual;
export const assertMatch: Package["assertMatch"] = std.assertMatch;
export const assertNotEquals: Package["assertNotEquals"] = std.assertNotEquals;
export const assertNotInstanceOf: Package["assertNotInstanceOf"] = std.assertNotInstanceOf;
export const assertNotMatch: Package["assertNotMatch"] = std.assertNotMatch;
export const assertNotStrictEquals: Package["assertNotStrictEquals"] = std.assertNotStrictEquals;
export const assertObjectMatch: Package["assertObjectMatch"] = std.assertObjectMatch;
export const assertRejects: Package["assertRejects"] = std.assertRejects;
export const assertStrictEquals: Package["assertStrictEquals"] = std.assertStrictEquals;
export const assertStringIncludes: Package["assertStringIncludes"] = std.assertStringIncludes;
export const assertThrows: Package["assertThrows"] = std.assertThrows;
export const equal: Package["equal"] = std.equal;
export const fail: Package["fail"] = std.fail;
export const unimplemented: Package["unimplemented"] = std.unimplemented;
export const unreachable: Package["unreachable"] = std.unreachable;
export const AssertionError: Package["AssertionError"] = std.AssertionError;
export type AssertionError = InstanceType<Package["AssertionError"]>;
`,
  },
};

const cli: StandIn = {
  exports: { ".": "./mod.ts", "./parse-args": "./parse_args.ts" },
  modules: {
    "mod.ts": `export * from "./parse_args.ts";\n`,
    "parse_args.ts": `
import * as untyped from "${NPM}/cli/parse_args.js";

/** What may follow a flag's name in \`alias\`. */
type Names = string | readonly string[];
type NameIn<T> = T extends readonly (infer N)[] ? N : T;
/** Every name of the flags K: the names themselves, what they are an alias of, and their aliases. */
type Spelled<K, A> =
  | K
  | { [N in keyof A]: N extends K ? NameIn<A[N]> : K & NameIn<A[N]> extends never ? never : N | NameIn<A[N]> }[keyof A];

type Collected<K, T, C> = K extends C ? T[] : T;
type Otherwise<K, D> = K extends keyof D ? D[K] : undefined;

/** The flags that were parsed, and in \`_\` what is not a flag. */
export type Args<
  B = never,
  S = never,
  C = never,
  N = never,
  D = Record<never, never>,
  A = Record<never, never>,
  DD = undefined,
> =
  & { [x: string]: unknown; _: (string | number)[] }
  & { [K in Spelled<Exclude<S, B>, A> & string]: K extends Spelled<C, A> ? string[] : string | Otherwise<K, D> }
  & { [K in Spelled<string extends B ? never : B, A> & string]: Collected<K, boolean, Spelled<C, A>> | (K extends keyof D ? D[K] : never) }
  & { [K in Exclude<Spelled<C, A>, Spelled<S | B, A>> & string]: unknown[] }
  & { [K in Exclude<Spelled<N, A>, Spelled<S | B | C, A>> & string]: unknown }
  & (DD extends true ? { "--": string[] } : unknown);

/** What the flags are. */
export interface ParseOptions<
  B extends string = string,
  S extends string = string,
  C extends string = string,
  N extends string = string,
  D extends Record<string, unknown> = Record<string, unknown>,
  A extends Record<string, Names> = Record<string, Names>,
  DD extends boolean | undefined = boolean | undefined,
> {
  "--"?: DD;
  alias?: A;
  boolean?: boolean | B | readonly B[];
  default?: D;
  stopEarly?: boolean;
  string?: S | readonly S[];
  collect?: C | readonly C[];
  negatable?: N | readonly N[];
  unknown?: (arg: string, key?: string, value?: unknown) => unknown;
}

interface Package {
  parseArgs<
    B extends string = never,
    S extends string = never,
    C extends string = never,
    N extends string = never,
    D extends Record<string, unknown> = Record<never, never>,
    const A extends Record<string, Names> = Record<never, never>,
    DD extends boolean | undefined = undefined,
  >(args: string[], options?: ParseOptions<B, S, C, N, D, A, DD>): Args<B, S, C, N, D, A, DD>;
}

export const parseArgs: Package["parseArgs"] = (untyped as unknown as Package).parseArgs;
`,
  },
};

const http: StandIn = {
  exports: {
    ".": "./mod.ts",
    "./etag": "./etag.ts",
    "./negotiation": "./negotiation.ts",
    "./server-sent-event-stream": "./server_sent_event_stream.ts",
    "./status": "./status.ts",
  },
  modules: {
    "mod.ts": `
export * from "./etag.ts";
export * from "./negotiation.ts";
export * from "./server_sent_event_stream.ts";
export * from "./status.ts";
`,
    "etag.ts": `
import * as untyped from "${NPM}/http/etag.js";

export interface FileInfo {
  mtime: Date | null;
  size: number;
}

export interface ETagOptions {
  algorithm?: AlgorithmIdentifier;
  weak?: boolean;
}

interface Package {
  eTag(entity: string | Uint8Array, options?: ETagOptions): Promise<string>;
  eTag(entity: FileInfo, options?: ETagOptions): Promise<string | undefined>;
  eTag(entity: string | Uint8Array | FileInfo, options?: ETagOptions): Promise<string | undefined>;
  ifMatch(value: string | null, etag: string | undefined): boolean;
  ifNoneMatch(value: string | null, etag: string | undefined): boolean;
}

const std = untyped as unknown as Package;

export const eTag: Package["eTag"] = std.eTag;
export const ifMatch: Package["ifMatch"] = std.ifMatch;
export const ifNoneMatch: Package["ifNoneMatch"] = std.ifNoneMatch;
`,
    "negotiation.ts": `
import * as untyped from "${NPM}/http/negotiation.js";

interface Negotiate {
  (request: Pick<Request, "headers">): string[];
  (request: Pick<Request, "headers">, ...offered: string[]): string | undefined;
}

const std = untyped as unknown as Record<"accepts" | "acceptsEncodings" | "acceptsLanguages", Negotiate>;

export const accepts: Negotiate = std.accepts;
export const acceptsEncodings: Negotiate = std.acceptsEncodings;
export const acceptsLanguages: Negotiate = std.acceptsLanguages;
`,
    "server_sent_event_stream.ts": `
import * as untyped from "${NPM}/http/server_sent_event_stream.js";

export interface ServerSentEventMessage {
  comment?: string;
  event?: string;
  data?: string;
  id?: string | number;
  retry?: number;
}

type Stream = new () => TransformStream<ServerSentEventMessage, Uint8Array<ArrayBuffer>>;

const std = untyped as unknown as { ServerSentEventStream: Stream };

export const ServerSentEventStream: Stream = std.ServerSentEventStream;
export type ServerSentEventStream = InstanceType<Stream>;
`,
    "status.ts": `
import * as untyped from "${NPM}/http/status.js";

interface Codes {
  Continue: 100; SwitchingProtocols: 101; Processing: 102; EarlyHints: 103;
  OK: 200; Created: 201; Accepted: 202; NonAuthoritativeInfo: 203; NoContent: 204; ResetContent: 205;
  PartialContent: 206; MultiStatus: 207; AlreadyReported: 208; IMUsed: 226;
  MultipleChoices: 300; MovedPermanently: 301; Found: 302; SeeOther: 303; NotModified: 304; UseProxy: 305;
  TemporaryRedirect: 307; PermanentRedirect: 308;
  BadRequest: 400; Unauthorized: 401; PaymentRequired: 402; Forbidden: 403; NotFound: 404; MethodNotAllowed: 405;
  NotAcceptable: 406; ProxyAuthRequired: 407; RequestTimeout: 408; Conflict: 409; Gone: 410; LengthRequired: 411;
  PreconditionFailed: 412; ContentTooLarge: 413; URITooLong: 414; UnsupportedMediaType: 415;
  RangeNotSatisfiable: 416; ExpectationFailed: 417; Teapot: 418; MisdirectedRequest: 421; UnprocessableEntity: 422;
  Locked: 423; FailedDependency: 424; TooEarly: 425; UpgradeRequired: 426; PreconditionRequired: 428;
  TooManyRequests: 429; RequestHeaderFieldsTooLarge: 431; UnavailableForLegalReasons: 451;
  InternalServerError: 500; NotImplemented: 501; BadGateway: 502; ServiceUnavailable: 503; GatewayTimeout: 504;
  HTTPVersionNotSupported: 505; VariantAlsoNegotiates: 506; InsufficientStorage: 507; LoopDetected: 508;
  NotExtended: 510; NetworkAuthenticationRequired: 511;
}

export type StatusCode = Codes[keyof Codes];
export type StatusText = string;

interface Package {
  STATUS_CODE: Readonly<Codes>;
  STATUS_TEXT: Readonly<Record<StatusCode, string>>;
  isStatus(status: number): status is StatusCode;
}

const std = untyped as unknown as Package;

export const STATUS_CODE: Package["STATUS_CODE"] = std.STATUS_CODE;
export const STATUS_TEXT: Package["STATUS_TEXT"] = std.STATUS_TEXT;
export const isStatus: Package["isStatus"] = std.isStatus;
`,
  },
};

const STAND_INS: Record<string, StandIn> = { assert, cli, http };

/** The version of each `@std` package that the imports of a deno.json pin. */
function pinnedVersions(
  imports: Record<string, string>,
): Map<string, string> {
  const versions = new Map<string, string>();
  for (const specifier of Object.values(imports)) {
    const [, name, version] =
      /^jsr:@std\/([^@/]+)@(\d+\.\d+\.\d+)$/.exec(specifier) ?? [];
    if (name && version) versions.set(name, version);
    else if (specifier.startsWith("jsr:")) {
      throw new Error(
        `Cannot stand in for ${specifier}: expected jsr:@std/NAME@X.Y.Z`,
      );
    }
  }
  return versions;
}

/**
 * Lists the files of one package's stand-in, by their path under
 * `vendor/jsr.io/@std/NAME`.
 */
async function standInFiles(
  name: string,
  version: string,
): Promise<Map<string, string>> {
  const standIn = STAND_INS[name];
  if (!standIn) {
    throw new Error(
      `Cannot stand in for jsr:@std/${name}: expected one of ${
        Object.keys(STAND_INS).join(", ")
      }`,
    );
  }
  const files = new Map<string, string>();
  const manifest: Record<string, { size: number; checksum: string }> = {};
  for (const [path, text] of Object.entries(standIn.modules)) {
    const bytes = new TextEncoder().encode(text.trimStart());
    manifest[`/${path}`] = {
      size: bytes.length,
      checksum: `sha256-${await sha256(bytes)}`,
    };
    files.set(`${version}/${path}`, text.trimStart());
  }
  files.set(
    `${version}_meta.json`,
    JSON.stringify({ manifest, exports: standIn.exports }),
  );
  files.set(
    "meta.json",
    JSON.stringify({
      scope: "std",
      name,
      latest: version,
      versions: { [version]: {} },
    }),
  );
  return files;
}

async function sha256(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)).toHex();
}

/**
 * Writes a file, unless it has this text already: whole or not at all, as another
 * deno may be reading it.
 */
async function writeFile(path: string, text: string): Promise<void> {
  if (await Deno.readTextFile(path).catch(() => undefined) === text) return;
  await Deno.mkdir(path.slice(0, path.lastIndexOf("/")), { recursive: true });
  const draft = `${path}.${Deno.pid}`;
  await Deno.writeTextFile(draft, text);
  await Deno.rename(draft, path);
}

async function main(): Promise<void> {
  const config = JSON.parse(await Deno.readTextFile("deno.json"));
  await writeFile(
    `vendor/${MARKER}`,
    "Written by tools/vendor_std.ts, because JSR could not be reached.\n",
  );
  for (const [name, version] of pinnedVersions(config.imports)) {
    for (const [path, text] of await standInFiles(name, version)) {
      await writeFile(`vendor/jsr.io/@std/${name}/${path}`, text);
    }
  }
}

if (import.meta.main) await main();
