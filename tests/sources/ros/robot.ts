/** A robot without ROS: tools/demo_robot.py, which foxglove-sdk serves. */
import { ROOT } from "../../support.ts";

export interface Robot extends AsyncDisposable {
  /** Its WebSocket. */
  url: string;
  port: number;
}

/** Starts it; disposed of, it is killed. */
export async function startRobot(
  { port = 0, points = 500, rate = 20 } = {},
): Promise<Robot> {
  const child = new Deno.Command(Deno.env.get("ROS_PYTHON")!, {
    args: [
      ...[`${ROOT}tools/demo_robot.py`, "--port", `${port}`],
      ...["--points", `${points}`, "--rate", `${rate}`],
    ],
    stdout: "piped",
    stderr: "null",
  }).spawn();
  const reader = child.stdout.getReader();
  let text = "";
  while (!text.includes("\n")) {
    const { value, done } = await reader.read();
    if (done) throw new Error(`The robot ended before it was up: ${text}`);
    text += new TextDecoder().decode(value);
  }
  const url = text.trim();
  return {
    url,
    port: Number(new URL(url).port),
    [Symbol.asyncDispose]: async () => {
      child.kill("SIGKILL");
      await reader.cancel();
      await child.status;
    },
  };
}
