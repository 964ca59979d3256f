import { createAuthorize } from "../auth/authorize.ts";
import { CredentialsError } from "../auth/errors.ts";
import { followFiles, readFiles } from "../auth/followed_files.ts";
import { verifyJwt } from "../auth/jwt.ts";
import { type JwtKeys, parseKeyFile, remoteKeys } from "../auth/jwt_key.ts";
import { parseTokenFile } from "../auth/token_file.ts";
import { type KnownToken, knownToken } from "../auth/tokens.ts";
import type { Logger } from "../log.ts";
import type { Authorize, Right } from "../serving/access.ts";
import { type OptionValues, UsageError } from "./options.ts";

/** The server's options about who may come in. */
export const ACCESS_OPTIONS = {
  "publish-token": {
    type: "list",
    help: "Token of who may publish, watch and end sessions",
  },
  "watch-token": { type: "list", help: "Token of who may watch" },
  "token-file": {
    type: "text",
    help: "JSON file of tokens and their rights, read again when it changes",
  },
  jwks: {
    type: "url",
    help: "URL of the JWK set that JWTs are signed with",
  },
  "jwt-key": {
    type: "text",
    help: "Key file that JWTs are signed with: PEM, JWK or JWK set",
  },
  "jwt-audience": { type: "text", help: "What a JWT's aud has to name" },
  "jwt-issuer": { type: "text", help: "What a JWT's iss has to be" },
  cors: {
    type: "list",
    help: "Origin whose pages may come in, or *",
  },
} as const;

export type AccessOptions = OptionValues<typeof ACCESS_OPTIONS>;

/** @throws {UsageError} where options contradict each other. */
export function checkAccessOptions(options: AccessOptions): void {
  const { jwks, cors } = options;
  if (jwks !== undefined && options["jwt-key"] !== undefined) {
    throw new UsageError("--jwks and --jwt-key can't both be given");
  }
  const keys = jwks ?? options["jwt-key"];
  for (const name of ["jwt-audience", "jwt-issuer"] as const) {
    if (options[name] !== undefined && keys === undefined) {
      throw new UsageError(`--${name} needs --jwks or --jwt-key`);
    }
  }
  for (const origin of cors) {
    if (origin !== "*" && URL.parse(origin)?.origin !== origin) {
      throw new UsageError(
        `--cors is an origin such as https://example.org, or *, not "${origin}"`,
      );
    }
  }
}

/**
 * Makes the check that the options and the environment ask for; files are
 * followed until `signal` aborts.
 *
 * With `--publish-token` or `--watch-token` alone, a right that no token has is
 * open, but for ending sessions. With a file or with JWTs none is: a file that
 * loses its last token opens no door.
 *
 * @returns nothing where everything is open.
 * @throws {CredentialsError} naming what can't be used.
 */
export async function openAuthorize(
  options: AccessOptions,
  { log, signal }: { log: Logger; signal: AbortSignal },
): Promise<Authorize | undefined> {
  const given = givenTokens(options);
  const { "token-file": file, jwks } = options;
  const { "jwt-audience": audience, "jwt-issuer": issuer } = options;
  let filed: readonly KnownToken[] = [];
  if (file !== undefined) {
    filed = await follow(file, parseTokenFile, (next) => filed = next);
  }
  let keys: JwtKeys | undefined = jwks === undefined
    ? undefined
    : remoteKeys(jwks);
  const keyFile = options["jwt-key"];
  if (keyFile !== undefined) {
    keys = await follow(keyFile, parseKeyFile, (next) => keys = next);
  }
  const isClosed = file !== undefined || keys !== undefined;
  if (!isClosed && given.length === 0) return undefined;
  return createAuthorize({
    tokens: () => [...given, ...filed],
    verifyJwt: keys &&
      ((token) => verifyJwt(token, keys!, { audience, issuer })),
    open: isClosed ? [] : openBeside(given),
  });

  async function follow<T>(
    path: string,
    parse: (text: string, file: string) => T | Promise<T>,
    use: (value: T) => void,
  ): Promise<T> {
    const texts = await readFiles([path]);
    const first = await parse(texts[0], path);
    void followFiles([path], texts, {
      signal,
      async onChange([text]) {
        use(await parse(text, path));
        log.info("file read again", { file: path });
      },
      onError: (error) =>
        log.warn("the file's last version stays in use", { file: path, error }),
    });
    return first;
  }
}

function givenTokens(options: AccessOptions): KnownToken[] {
  const publish = { publish: "all", watch: "all", operate: "all" } as const;
  return [
    ...collect("publish-token", "POINTWIRE_PUBLISH_TOKEN", publish),
    ...collect("watch-token", "POINTWIRE_WATCH_TOKEN", { watch: "all" }),
  ];

  function collect(
    name: "publish-token" | "watch-token",
    variable: string,
    rights: KnownToken["access"]["rights"],
  ): KnownToken[] {
    // All of them are one caller: the old and the new while they are changed.
    const access = { caller: name, rights };
    const fromEnvironment = Deno.env.get(variable)?.split(",")
      .map((token) => token.trim()) ?? [];
    if (fromEnvironment.includes("")) {
      // A secret that was not filled in must not open the door.
      throw new CredentialsError(
        `${variable} has an empty token; give it one, or unset it`,
      );
    }
    return [
      ...options[name].map((token) => knownToken(token, access, `--${name}`)),
      ...fromEnvironment.map((token) => knownToken(token, access, variable)),
    ];
  }
}

/**
 * The rights that no token has; ending sessions is never among them.
 */
function openBeside(tokens: readonly KnownToken[]): Right[] {
  const is = (caller: string) =>
    tokens.some(({ access }) => access.caller === caller);
  return [
    ...is("publish-token") ? [] : ["publish" as const],
    ...is("watch-token") ? [] : ["watch" as const],
  ];
}
