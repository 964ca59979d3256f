/** The button that publishes from this browser. */
import type { AuthorizedFetch } from "./authorized_fetch.ts";
import {
  NoMediaError,
  openCamera,
  type PublishSource,
} from "./browser_media.ts";
import { publishMedia, publishScan } from "./browser_publisher.ts";
import { byId, setText } from "./elements.ts";
import type { ExchangeOptions } from "./exchange.ts";

/** Wires the button up: a click publishes, the next one stops. */
export function setUpPublishing(fetch: AuthorizedFetch): void {
  const button = byId("publish", HTMLButtonElement);
  const source = byId("publish-source", HTMLSelectElement);
  const status = byId("publish-status", HTMLElement);
  let running: AbortController | undefined;

  const tell = (text: string) => {
    status.hidden = text === "";
    setText(status, text);
  };
  const publish = async (signal: AbortSignal) => {
    try {
      const reason = await publishFrom(readSource(source), {
        tell,
        fetch,
        signal,
      });
      tell(signal.aborted ? "" : `Publishing has ended: ${reason}.`);
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      tell(signal.aborted ? "" : `Cannot publish: ${why}.`);
    }
  };
  const showRunning = () => {
    const on = running !== undefined;
    button.setAttribute("aria-pressed", String(on));
    setText(button, on ? "Stop" : "Publish");
    source.disabled = on;
  };

  button.addEventListener("click", async () => {
    if (running !== undefined) return running.abort();
    running = new AbortController();
    showRunning();
    await publish(running.signal);
    running = undefined;
    showRunning();
  });
}

function readSource({ value }: HTMLSelectElement): PublishSource {
  return value === "scan" ? "scan" : "camera";
}

/** How a server is asked, and where it is shown how that goes. */
interface ControlOptions extends ExchangeOptions {
  tell(text: string): void;
}

/** Publishes the camera, or the scan: by choice, or for want of a camera. */
async function publishFrom(
  source: PublishSource,
  options: ControlOptions,
): Promise<string> {
  const { tell } = options;
  let prefix = "";
  if (source === "camera") {
    tell("Asking for the camera…");
    try {
      return await publishCamera(options);
    } catch (error) {
      if (!(error instanceof NoMediaError)) throw error;
      prefix = `${error.message}, so it is the scan instead. `;
    }
  }
  tell(`${prefix}Connecting…`);
  const onLive = () =>
    tell(`${prefix}Live: this browser publishes a synthetic scan.`);
  return await publishScan({ ...options, onLive });
}

async function publishCamera(options: ControlOptions): Promise<string> {
  const { tell, signal } = options;
  const media = await openCamera();
  try {
    signal.throwIfAborted();
    tell("Connecting…");
    const sends = media.getTracks()
      .map(({ kind }) => kind === "video" ? "camera" : "microphone");
    const onLive = () =>
      tell(`Live: this browser publishes its ${sends.sort().join(" and ")}.`);
    return await publishMedia(media, { ...options, onLive });
  } finally {
    // The camera's light goes out.
    for (const track of media.getTracks()) track.stop();
  }
}
