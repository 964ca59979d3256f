/**
 * Remembers the files that there are where compressed bags are unpacked.
 *
 * @returns what tells whether there are no others; those of tests that run at
 * the same time go, too.
 */
export async function watchTemporaryFiles(): Promise<() => Promise<boolean>> {
  const before = new Set(await temporaryFiles());
  return async () => before.isSupersetOf(new Set(await temporaryFiles()));
}

async function temporaryFiles(): Promise<string[]> {
  const files = await Array.fromAsync(Deno.readDir("/var/tmp"));
  return files.map(({ name }) => name);
}
