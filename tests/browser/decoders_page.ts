/** A page that decodes what a test gives it, with the viewer's decoders. */
import type { VideoCodec } from "../../lib/media/codec_string.ts";
import { PictureDecoder } from "../../lib/viewer/picture_decoder.ts";
import type { PlayoutClock } from "../../lib/viewer/playout_clock.ts";
import { SoundDecoder } from "../../lib/viewer/sound_decoder.ts";

/** Time between two pictures, and of a packet of sound, milliseconds. */
const PICTURE_MS = 40;
const PACKET_MS = 20;

/** A recording's clock: it goes on as it is told. */
class Clock implements PlayoutClock {
  rate = 0;
  #at = 0;
  #since = performance.now();

  now(): number {
    return this.#at + (performance.now() - this.#since) * this.rate;
  }

  /** Goes on at a time, so fast; 0 to stand there. */
  set(at: number, rate: number): void {
    this.#at = at;
    this.#since = performance.now();
    this.rate = rate;
  }
}

const clock = new Clock();
const failures: string[] = [];
const onFailure = (why: string) => void failures.push(why);
/** The picture that is shown, by its number. */
let shown = -1;
const pictures = new PictureDecoder({
  clock,
  onShown: (time) => shown = Math.round(time / PICTURE_MS),
  onFailure,
});
const sound = new SoundDecoder({ clock, onFailure });
const audio = new AudioContext();
const analyser = new AnalyserNode(audio);
const stream = new MediaStream([sound.track]);
audio.createMediaStreamSource(stream).connect(analyser);
const video = document.createElement("video");
video.muted = true;

/** What a test has the page do. */
export const page = {
  failures,
  set: (at: number, rate: number) => clock.set(at, rate),
  shown: () => shown,
  size: () => `${video.videoWidth}x${video.videoHeight}`,
  /** Gives pictures, of which each tenth is a keyframe, as there is room. */
  async decode(codec: VideoCodec, frames: number[][], from = 0) {
    // A page isn't loaded before its videos have a picture.
    video.srcObject ??= new MediaStream([pictures.track]);
    void video.play();
    for (let i = from; i < frames.length; i++) {
      while (!pictures.hasRoom) await pause();
      pictures.push({
        codec,
        isKeyframe: i % 10 === 0,
        captureTime: i * PICTURE_MS,
        data: new Uint8Array(frames[i]),
      });
    }
  },
  async listen(packets: number[][]) {
    for (const [i, packet] of packets.entries()) {
      while (!sound.hasRoom) await pause();
      const data = new Uint8Array(packet);
      sound.push({ captureTime: i * PACKET_MS, data });
    }
  },
  reset() {
    pictures.reset();
    sound.reset();
    shown = -1;
  },
  /** The pitch that is heard, Hz; 0 for silence. */
  pitch(): number {
    const bins = new Uint8Array(analyser.frequencyBinCount);
    analyser.getByteFrequencyData(bins);
    const loudest = Math.max(...bins);
    const bin = bins.indexOf(loudest);
    return loudest < 100 ? 0 : bin * audio.sampleRate / analyser.fftSize;
  },
};

function pause(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 10));
}

Object.assign(globalThis, { page });
