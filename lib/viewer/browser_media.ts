/** What the browser itself can send. */

/** What the browser publishes. */
export type PublishSource = "camera" | "scan";

/** Thrown where the browser gives no camera and no microphone. */
export class NoMediaError extends Error {
  override name = "NoMediaError";
}

/**
 * Asks for the camera and the microphone, and takes what there is of them.
 *
 * @throws {NoMediaError} where there is neither, or the user says no.
 */
export async function openCamera(): Promise<MediaStream> {
  // Browsers have it on https and on localhost alone.
  const devices: MediaDevices | undefined = navigator.mediaDevices;
  if (devices === undefined) {
    throw new NoMediaError(
      "A browser gives its camera on https or localhost alone",
    );
  }
  const video = { width: { ideal: 1280 }, height: { ideal: 720 } };
  const wishes = [{ video, audio: true }, { video }, { audio: true }];
  for (const wish of wishes) {
    try {
      return await devices.getUserMedia(wish);
    } catch (error) {
      if (!(error instanceof DOMException)) throw error;
      if (error.name === "NotAllowedError") {
        throw new NoMediaError("The camera was not allowed", { cause: error });
      }
      // A machine may have one and not the other.
    }
  }
  throw new NoMediaError("There is no camera and no microphone here");
}
