/** What makes room for more, as a clause of a message. */
export const MORE_DESCRIPTORS =
  "raise the limit (ulimit -n, LimitNOFILE= of systemd), or have a proxy in " +
  "front that limits connections";

/** Why something fails without them, and what to do, as a clause. */
export const TOO_MANY_OPEN = `too many files are open; ${MORE_DESCRIPTORS}`;

/** EMFILE of this process, ENFILE of the machine, and what Windows calls it. */
const TOO_MANY = /\b(EMFILE|ENFILE)\b|too many open files|\(os error 10024\)/i;

/** Whether an error, or its cause, says that no file descriptor is left. */
export function isOutOfDescriptors(error: unknown): boolean {
  return error instanceof Error &&
    (TOO_MANY.test(error.message) || isOutOfDescriptors(error.cause));
}

/**
 * Counts the file descriptors that are left, by taking them for a moment: the
 * limit is in /proc, which only a program with all permissions may read. Who
 * needs one at that very moment has none, so look for few while others start.
 *
 * @param most to look for.
 * @returns `most` too where it can't be found out.
 */
export function freeDescriptors(most: number): number {
  const taken: Disposable[] = [];
  try {
    const take = chooseTaking();
    while (take && taken.length < most) taken.push(take());
    return most;
  } catch (error) {
    return isOutOfDescriptors(error) ? taken.length : most;
  } finally {
    for (const each of taken) each[Symbol.dispose]();
  }
}

/** A file is quicker than a socket. */
function chooseTaking(): (() => Disposable) | undefined {
  const { state } = Deno.permissions.querySync({ name: "read" });
  if (state === "granted") {
    const program = Deno.execPath();
    return () => Deno.openSync(program);
  }
  if (typeof Deno.listenDatagram !== "function") return undefined;
  return () => {
    // The address that sessions take theirs on.
    const socket = Deno.listenDatagram({
      transport: "udp",
      hostname: "0.0.0.0",
      port: 0,
    });
    return { [Symbol.dispose]: () => socket.close() };
  };
}

/**
 * Reads a stack trace. The first one that the main thread reads opens a file,
 * and Deno ends the process where it can't: better now than in a shortage.
 */
export function readFirstStack(): string | undefined {
  return new Error("The first").stack;
}
