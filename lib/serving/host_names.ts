import { X509Certificate } from "node:crypto";
import { STATUS_CODE } from "@std/http/status";
import { cutText } from "../foreign_text.ts";
import { familyOf } from "../transport/ice/ip_address.ts";
import { HttpProblem } from "./problem.ts";

/** Where Linux has the machine's name, for who may not ask Deno for it. */
const HOSTNAME_FILE = "/etc/hostname";

/**
 * The names that a server goes by: `localhost` and what ends in it, those of
 * the machine and of the certificate, and those that it is told of; addresses
 * always. A page whose name an attacker has point to the server's address (DNS
 * rebinding) is of one origin with it, and differs in its name alone.
 */
export class HostNames {
  readonly #names: ReadonlySet<string>;
  /** As the certificate has them: the first part may be `*`. */
  #certified: ReadonlySet<string> = new Set();

  /**
   * @param names more of them; `*` stands for all.
   * @param machine the machine's own name, if it is known.
   */
  constructor(names: readonly string[] = [], machine = machineName()) {
    const given = names.map((name) => hostnameOf(name) ?? name);
    this.#names = new Set([
      ...given,
      ...machine === undefined ? [] : namesOfMachine(machine),
    ]);
  }

  /**
   * Knows the names of a certificate, in place of the one before.
   *
   * @param pem its text.
   * @throws what is wrong with it.
   */
  useCertificate(pem: string): void {
    const { subjectAltName = "" } = new X509Certificate(pem);
    const names = subjectAltName.matchAll(/\bDNS:([^\s,"]+)/g);
    this.#certified = new Set(
      Array.from(names, ([, name]) => name.toLowerCase()),
    );
  }

  /** Tells whether a host of a URL, without its port, is this server. */
  has(hostname: string): boolean {
    const name = withoutDot(hostname);
    return familyOf(name.replace(/^\[(.*)\]$/, "$1")) !== undefined ||
      name === "localhost" || name.endsWith(".localhost") ||
      this.#names.has(name) || this.#names.has("*") ||
      this.#certified.has(name) ||
      this.#certified.has(name.replace(/^[^.]+/, "*"));
  }

  /**
   * Checks whom a request is for: its URL, which is the target's where that is
   * absolute, and the field `Host`. One that names nobody comes from no
   * browser.
   *
   * @throws {HttpProblem} 421 (RFC 9110 section 15.5.20).
   */
  check({ url, headers }: Request): void {
    const field = headers.get("host") ?? "";
    this.#check(URL.parse(url)?.hostname ?? "");
    if (field !== "") this.#check(hostnameOf(field) ?? field);
  }

  #check(hostname: string): void {
    if (this.has(hostname)) return;
    const name = cutText(withoutDot(hostname));
    throw new HttpProblem(
      STATUS_CODE.MisdirectedRequest,
      `This server doesn't know itself as "${name}": start it with ` +
        `--host-name ${name}, or ask it by an address`,
    );
  }
}

/**
 * Reads a host as it stands in a URL, without its port, as URLs spell it: small
 * letters, Punycode.
 */
export function hostnameOf(host: string): string | undefined {
  const hostname = URL.parse(`http://${host}`)?.hostname;
  return hostname === undefined ? undefined : withoutDot(hostname);
}

/** The root of all names may stand behind one (RFC 3986 section 3.2.2). */
function withoutDot(name: string): string {
  return name.replace(/\.$/, "");
}

/** A machine goes by its name, the first part of it, and that by mDNS. */
function namesOfMachine(machine: string): string[] {
  const name = hostnameOf(machine);
  if (name === undefined || name === "") return [];
  const [first] = name.split(".", 1);
  return [name, first, `${first}.local`];
}

/** The machine's name, where the process may know it. */
function machineName(): string | undefined {
  try {
    const sys = { name: "sys", kind: "hostname" } as const;
    if (isGranted(sys)) return Deno.hostname();
    const read = { name: "read", path: HOSTNAME_FILE } as const;
    if (isGranted(read)) return Deno.readTextFileSync(HOSTNAME_FILE).trim();
  } catch {
    // The system has no name, or no such file.
  }
  return undefined;
}

/** To use what isn't granted yet would ask at the terminal. */
function isGranted(permission: Deno.PermissionDescriptor): boolean {
  return Deno.permissions.querySync(permission).state === "granted";
}
