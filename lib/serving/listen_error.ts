import { isOutOfDescriptors, TOO_MANY_OPEN } from "../descriptors.ts";

/** Thrown when the server can't listen, or no longer can. */
export class ListenError extends Error {
  /** The class, as `Error.name` has it. */
  override readonly name = "ListenError";
}

/** Says why an address can't be listened on, and what to do. */
export function whyDeaf(error: unknown): string {
  if (isOutOfDescriptors(error)) return TOO_MANY_OPEN;
  if (error instanceof Deno.errors.AddrInUse) {
    return "another program listens there; end it, or choose another --port";
  }
  if (error instanceof Error && /KeyMismatch/.test(error.message)) {
    return "the certificate's key is another one";
  }
  if (error instanceof Deno.errors.AddrNotAvailable) {
    return "this machine has no such address";
  }
  if (error instanceof Deno.errors.PermissionDenied) {
    return "the system doesn't allow it (ports below 1024 need privileges)";
  }
  return error instanceof Error ? error.message : String(error);
}
