/** What the tests share: what they need, and how they wait for it. */

/** Something that a test can't do without and a machine may lack. */
export type Need = "permissions" | "ffmpeg" | "aiortc";

const MISSING: Record<Need, string | undefined> = {
  permissions: await lacksPermissions(),
  ffmpeg: await lacks("ffmpeg", ["-version"], "ffmpeg"),
  aiortc: await lacks(
    "/usr/bin/python3",
    ["-c", "import aiortc"],
    "Debian's python3-aiortc",
  ),
};

/**
 * Registers a test that starts processes, opens sockets or uses the network
 * stack. Where something that it needs is missing it is ignored, and its name
 * says why.
 */
export function testWith(
  needs: Need[],
  name: string,
  body: (t: Deno.TestContext) => void | Promise<void>,
  options: { sanitizeOps?: boolean; sanitizeResources?: boolean } = {},
): void {
  const all: Need[] = ["permissions", ...needs];
  const why = all.map((need) => MISSING[need]).find((text) => text);
  Deno.test({
    ...options,
    name: why === undefined ? name : `${name} [skipped: ${why}]`,
    ignore: why !== undefined,
    fn: body,
  });
}

async function lacksPermissions(): Promise<string | undefined> {
  for (const name of ["run", "net", "read", "write", "env", "sys"] as const) {
    const { state } = await Deno.permissions.query({ name });
    if (state !== "granted") {
      return `needs --allow-${name}; deno task test gives it`;
    }
  }
}

async function lacks(
  program: string,
  args: string[],
  what: string,
): Promise<string | undefined> {
  const { state } = await Deno.permissions.query({ name: "run" });
  if (state !== "granted") return undefined;
  try {
    const options = { args, stdout: "null", stderr: "null" } as const;
    const { success } = await new Deno.Command(program, options).output();
    return success ? undefined : `${what} is not installed`;
  } catch {
    return `${what} is not installed`;
  }
}

/** Makes a temporary folder that is removed at the end of the scope. */
export async function temporaryFolder(): Promise<
  AsyncDisposable & { path: string }
> {
  const path = await Deno.makeTempDir({ prefix: "pointwire-" });
  return {
    path,
    [Symbol.asyncDispose]: () => Deno.remove(path, { recursive: true }),
  };
}

/** The root folder of the project. */
export const ROOT = new URL("..", import.meta.url).pathname;
