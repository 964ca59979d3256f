/**
 * Says by its exit code whether a server answers: an image without a shell has
 * no other program to ask with.
 *
 * Run as `deno run --allow-net tools/deploy/healthcheck.ts [URL]`.
 *
 * @module
 */
const [url = "http://127.0.0.1:8080/healthz"] = Deno.args;

try {
  const response = await fetch(url, { signal: AbortSignal.timeout(4_000) });
  await response.body?.cancel();
  if (!response.ok) throw new Error(`it answered ${response.status}`);
} catch (error) {
  const why = error instanceof Error ? error.message : error;
  console.error(`${url} is not well: ${why}`);
  Deno.exit(1);
}
