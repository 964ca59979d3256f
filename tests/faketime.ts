/**
 * What lets a program see another time of day. faketime itself would stand
 * between the program and its signals.
 */
export async function clockSetBy(
  offset: string,
): Promise<Record<string, string>> {
  const { stdout } = await new Deno.Command("faketime", {
    args: ["-f", offset, "env"],
  }).output();
  const lines = new TextDecoder().decode(stdout).split("\n");
  const preload = lines.find((line) => line.startsWith("LD_PRELOAD="))!;
  return {
    LD_PRELOAD: preload.slice("LD_PRELOAD=".length),
    FAKETIME: offset,
    FAKETIME_DONT_FAKE_MONOTONIC: "1",
  };
}
