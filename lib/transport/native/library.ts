/**
 * Opens a library of the system, on Linux, where `--allow-ffi` is given.
 *
 * @returns its functions; nothing where it can't be had.
 */
export function openLibrary<const S extends Deno.ForeignLibraryInterface>(
  name: string,
  symbols: S,
): Deno.DynamicLibrary<S>["symbols"] | undefined {
  if (Deno.build.os !== "linux") return undefined;
  const { state } = Deno.permissions.querySync({ name: "ffi" });
  if (state !== "granted") return undefined;
  try {
    return Deno.dlopen(name, symbols).symbols;
  } catch {
    // It isn't there, or it is another version.
    return undefined;
  }
}
