import { lookup } from "node:dns/promises";
import { SourceError } from "../../errors.ts";
import { reasonOf } from "../../file_list.ts";

/** A sensor on the network, as it says of itself. */
export interface OusterOnNetwork {
  /** Its metadata, as JSON has it. */
  metadata: unknown;
  /** Its IPv4 address. */
  address: string;
}

/** Sensors answer within some tens of milliseconds. */
const TIMEOUT_MS = 10_000;
/** A sensor with 128 beams has 11 KB. */
const MAX_BYTES = 1024 * 1024;

/**
 * Asks an Ouster sensor for its metadata over its HTTP API.
 *
 * @param host a name or an address, with a TCP port where that isn't 80.
 * @throws {SourceError} where it doesn't give it.
 */
export async function fetchMetadata(host: string): Promise<OusterOnNetwork> {
  const url = URL.parse(`http://${host}/api/v1/sensor/metadata`);
  if (url === null || url.hostname === "" || /[/@?#]/.test(host)) {
    throw new SourceError(
      `"${host}" is neither a sensor's name or address nor a UDP port, such ` +
        `as ouster:os-122201000998.local or ouster:7502`,
    );
  }
  try {
    const signal = AbortSignal.timeout(TIMEOUT_MS);
    const { address } = await lookup(url.hostname, { family: 4 });
    const response = await fetch(url, { signal, redirect: "error" });
    if (!response.ok) {
      await response.body?.cancel();
      throw new Error(`it answers with status ${response.status}`);
    }
    return { metadata: JSON.parse(await readText(response)), address };
  } catch (error) {
    throw new SourceError(
      `The sensor ${host} doesn't give its metadata: ${reasonOf(error)}`,
      { cause: error },
    );
  }
}

async function readText(response: Response): Promise<string> {
  const decoder = new TextDecoder();
  let text = "";
  let bytes = 0;
  for await (const part of response.body ?? []) {
    bytes += part.length;
    if (bytes > MAX_BYTES) {
      throw new Error(`it has more than ${MAX_BYTES} bytes`);
    }
    text += decoder.decode(part, { stream: true });
  }
  return text + decoder.decode();
}
