/** Time between two looks, milliseconds. */
const LOOK_MS = 5;

/** Waits for all candidates; returns the description that has them. */
export async function gatheredSdp(
  connection: RTCPeerConnection,
): Promise<string> {
  while (connection.iceGatheringState !== "complete") {
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  }
  return connection.localDescription!.sdp;
}
