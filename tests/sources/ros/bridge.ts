/** A bridge of foxglove-sdk, with topics as a test says: bridge.py. */
import { ROOT } from "../../support.ts";

/** What a bridge serves; bridge.py says what each is. */
export interface BridgeOptions {
  port?: number;
  /** Files in PEM. */
  cert?: string;
  key?: string;
  /** Seconds. */
  clock?: number;
  stamps?: number;
  topics?: {
    topic: string;
    type: string;
    encoding: string;
    messages: Uint8Array[];
  }[];
  more?: number;
  builtin?: ("/scan" | "/video")[];
}

export interface Bridge extends AsyncDisposable {
  url: string;
  port: number;
}

/** Starts it; disposed of, it is killed. */
export async function startBridge(
  { topics = [], ...options }: BridgeOptions,
): Promise<Bridge> {
  const child = new Deno.Command(Deno.env.get("ROS_PYTHON")!, {
    args: [`${ROOT}tests/sources/ros/bridge.py`],
    stdin: "piped",
    stdout: "piped",
    stderr: "null",
  }).spawn();
  const given = {
    ...options,
    topics: topics.map(({ messages, ...topic }) => ({
      ...topic,
      messages: messages.map((message) => message.toBase64()),
    })),
  };
  await new Blob([`${JSON.stringify(given)}\n`]).stream().pipeTo(child.stdin);
  const reader = child.stdout.getReader();
  const { value, done } = await reader.read();
  if (done) throw new Error("The bridge ended before it was up");
  const port = Number(new TextDecoder().decode(value));
  const scheme = options.cert === undefined ? "ws" : "wss";
  return {
    url: `${scheme}://localhost:${port}`,
    port,
    [Symbol.asyncDispose]: async () => {
      child.kill("SIGKILL");
      await reader.cancel();
      await child.status;
    },
  };
}
