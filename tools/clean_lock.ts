/**
 * Reads a deno.lock from stdin and writes it to stdout without what only
 * machines with stand-ins for `jsr:@std` put there.
 *
 * `tools/setup.sh` makes this the git filter of deno.lock, so that no machine
 * ever commits a stand-in's checksum: the next one, with other stand-ins or
 * with the real packages, would refuse to run.
 *
 * ```sh
 * deno run --no-config --no-lock tools/clean_lock.ts < deno.lock
 * ```
 *
 * @module
 */

interface Lock {
  specifiers?: Record<string, string>;
  jsr?: unknown;
  npm?: Record<string, unknown>;
}

const STAND_IN = /^(npm:)?deno-std@/;

/**
 * Returns the text of a deno.lock without its `jsr` section and without the npm
 * package that stand-ins re-export.
 *
 * Text that is no lock, such as one with merge conflicts, comes back as it was:
 * git must be able to store it.
 */
export function cleanLock(text: string): string {
  let lock: Lock;
  try {
    lock = JSON.parse(text);
  } catch {
    return text;
  }
  delete lock.jsr;
  for (const section of ["specifiers", "npm"] as const) {
    const entries = lock[section];
    if (!entries) continue;
    for (const key of Object.keys(entries)) {
      if (STAND_IN.test(key)) delete entries[key];
    }
    if (Object.keys(entries).length === 0) delete lock[section];
  }
  return JSON.stringify(lock, null, 2) + "\n";
}

if (import.meta.main) {
  const text = await new Response(Deno.stdin.readable).text();
  await new Response(cleanLock(text)).body!.pipeTo(Deno.stdout.writable);
}
