/** Reads why a request was refused (RFC 9457); nothing where it isn't said. */
export async function readProblem(
  response: Response,
): Promise<string | undefined> {
  const problem = await response.json().catch(() => undefined);
  return typeof problem?.detail === "string" ? problem.detail : undefined;
}

/** Says why a request was refused, in the server's words where it has some. */
export async function whyRefused(response: Response): Promise<string> {
  const { status, statusText } = response;
  return await readProblem(response) ??
    `The server answered ${status} ${statusText}`.trim();
}
