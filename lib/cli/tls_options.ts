import { checkIdentity } from "../auth/certificate.ts";
import { followFiles, readFiles } from "../auth/followed_files.ts";
import type { Logger } from "../log.ts";
import type { PointServer } from "../serving/point_server.ts";
import type { TlsIdentity } from "../serving/http_listener.ts";
import { type OptionValues, UsageError } from "./options.ts";

/** The server's options about TLS. */
export const TLS_OPTIONS = {
  cert: {
    type: "text",
    help: "PEM file of the certificate and its chain, for https",
  },
  key: { type: "text", help: "PEM file of its private key" },
} as const;

export type TlsOptions = OptionValues<typeof TLS_OPTIONS>;

/** @throws {UsageError} where one is given without the other. */
export function checkTlsOptions({ cert, key }: TlsOptions): void {
  if ((cert === undefined) === (key === undefined)) return;
  const [given, missing] = cert === undefined
    ? ["key", "cert"]
    : ["cert", "key"];
  throw new UsageError(`--${given} needs --${missing}: https takes both`);
}

/** A certificate in files that may change. */
export interface TlsFiles {
  /** What they held at first. */
  identity: TlsIdentity;
  /** Has the server use what they hold from now on, until `signal` aborts. */
  follow(server: PointServer, log: Logger, signal: AbortSignal): void;
}

/**
 * Reads the files that the options name.
 *
 * @returns nothing where they name none.
 * @throws {CredentialsError} naming the file.
 */
export async function openTls(
  { cert, key }: TlsOptions,
): Promise<TlsFiles | undefined> {
  if (cert === undefined || key === undefined) return undefined;
  const names = { cert, key };
  const texts = await readFiles([cert, key]);
  const check = ([cert, key]: string[]) => checkIdentity({ cert, key }, names);
  return {
    identity: check(texts),
    follow(server, log, signal) {
      void followFiles([cert, key], texts, {
        signal,
        onChange(texts) {
          server.replaceCertificate(check(texts));
          log.info("certificate read again", { file: cert });
        },
        onError: (error) =>
          log.warn("the last certificate stays in use", { file: cert, error }),
      });
    },
  };
}
