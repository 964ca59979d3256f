/** The page that publishes a camera, as libwebrtc does it. */
import type { PublisherPage, PublisherSettings } from "../reading.ts";
import { gatheredSdp } from "./gathered.ts";

const connection = new RTCPeerConnection();

async function offer(settings: PublisherSettings): Promise<string> {
  const { width, height, rate, codec, maxBitrate } = settings;
  const media = await navigator.mediaDevices.getUserMedia({
    audio: true,
    video: {
      width: { exact: width },
      height: { exact: height },
      frameRate: { ideal: rate },
    },
  });
  for (const track of media.getTracks()) {
    const transceiver = connection.addTransceiver(track, {
      direction: "sendonly",
    });
    if (track.kind !== "video") continue;
    const { codecs } = RTCRtpSender.getCapabilities("video")!;
    const wanted = `video/${codec}`;
    // The wanted one first; the others, repair among them, as they are.
    transceiver.setCodecPreferences([
      ...codecs.filter(({ mimeType }) => mimeType === wanted),
      ...codecs.filter(({ mimeType }) => mimeType !== wanted),
    ]);
    const parameters = transceiver.sender.getParameters();
    for (const encoding of parameters.encodings) {
      encoding.maxBitrate = maxBitrate;
    }
    await transceiver.sender.setParameters(parameters);
  }
  await connection.setLocalDescription();
  return await gatheredSdp(connection);
}

const publisher: PublisherPage = {
  offer,
  accept: (sdp) => connection.setRemoteDescription({ type: "answer", sdp }),
};
Object.assign(globalThis, { publisher });
