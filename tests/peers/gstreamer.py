"""
A peer on GStreamer's webrtcbin that speaks WHIP (RFC 9725) and WHEP: `publish URL`
sends a test picture, a tone, and clouds as the original's client does; `watch URL`
decodes what a session has.

What happens is told on standard error, a JSON object a line; a report comes last, on
standard output, when SIGTERM, or the end of what it watches, has ended it. Needs
Debian's python3-gst-1.0, gir1.2-gst-plugins-bad-1.0, gstreamer1.0-nice and plugins.
"""

import argparse
import array
import json
import os
import signal
import struct
import sys
import threading
import time
import urllib.error
import urllib.parse
import urllib.request
import zlib

import gi

gi.require_version("Gst", "1.0")
gi.require_version("GstSdp", "1.0")
gi.require_version("GstWebRTC", "1.0")
from gi.repository import GLib, Gst, GstSdp, GstWebRTC  # noqa: E402

OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}))
PATIENCE = 30

# Two seconds.
VIDEO_FRAMES = 60
AUDIO_FRAMES = 100

ENCODERS = {
    "VP8": "vp8enc deadline=1 cpu-used=8 keyframe-max-dist=30 target-bitrate=2000000 "
    "! rtpvp8pay",
    "H264": "x264enc tune=zerolatency speed-preset=ultrafast key-int-max=30 "
    "! video/x-h264,profile=constrained-baseline "
    "! rtph264pay config-interval=-1 aggregate-mode=zero-latency",
    "VP9": "vp9enc deadline=1 cpu-used=8 keyframe-max-dist=30 lag-in-frames=0 "
    "! rtpvp9pay",
    "H265": "x265enc tune=zerolatency speed-preset=ultrafast key-int-max=30 "
    "! rtph265pay config-interval=-1",
}
RTP = "application/x-rtp,media={},encoding-name={},clock-rate={},payload={}"
VP8 = RTP.format("video", "VP8", 90000, 96)
H264 = RTP.format("video", "H264", 90000, 102) + ",packetization-mode=(string)1"
VP9 = RTP.format("video", "VP9", 90000, 98)
H265 = RTP.format("video", "H265", 90000, 104)
VIDEO = {"VP8": VP8, "H264": H264, "VP9": VP9, "H265": H265}
OPUS = RTP.format("audio", "OPUS", 48000, 111) + ",encoding-params=(string)2"

# The header of a pointwire.v1 message: docs/wire.md.
HEADER = struct.Struct("<BBHIIHHd")


def log(message, **fields):
    """Tells what happened, from any thread."""
    line = json.dumps({"message": message, **fields})
    os.write(2, f"{line}\n".encode())


def ask(method, url, sdp=None):
    """Makes a request; gives status, fields and body."""
    fields = {} if sdp is None else {"content-type": "application/sdp"}
    body = None if sdp is None else sdp.encode()
    request = urllib.request.Request(url, body, fields, method=method)
    try:
        with OPENER.open(request, timeout=PATIENCE) as response:
            return response.status, response.headers, response.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.headers, error.read().decode()


def wait(event, what):
    if not event.wait(PATIENCE):
        raise TimeoutError(what)


def reply_of(element, signal_name, *args):
    """Emits a signal that takes a promise; gives the reply, which owns its values."""
    promise = Gst.Promise.new()
    element.emit(signal_name, *args, promise)
    promise.wait()
    return promise.get_reply()


class Peer:
    """A pipeline with a webrtcbin in it, and its connection."""

    def __init__(self, description):
        self.pipeline = Gst.parse_launch(
            f"pipeline.( webrtcbin name=peer bundle-policy=max-bundle {description} )"
        )
        self.bin = self.pipeline.get_by_name("peer")
        self.over = threading.Event()
        self.ended_by = None
        self._gathered = threading.Event()
        self.connected = threading.Event()
        self.bin.connect("notify::ice-gathering-state", self._on_gathering)
        self.bin.connect("notify::connection-state", self._on_connection)
        self.pipeline.get_bus().set_sync_handler(self._on_bus)

    def connect(self, url):
        """Exchanges descriptions; gives the URL of what was made."""
        reply = reply_of(self.bin, "create-offer", None)
        offer = reply.get_value("offer")
        reply_of(self.bin, "set-local-description", offer)
        wait(self._gathered, "candidates")
        sdp = self.bin.get_property("local-description").sdp.as_text()
        status, fields, answer = ask("POST", url, sdp)
        assert status == 201, (status, answer)
        _, message = GstSdp.SDPMessage.new_from_text(answer)
        kind = GstWebRTC.WebRTCSDPType.ANSWER
        described = GstWebRTC.WebRTCSessionDescription.new(kind, message)
        reply_of(self.bin, "set-remote-description", described)
        return urllib.parse.urljoin(url, fields["location"])

    def end(self, by):
        if not self.over.is_set():
            self.ended_by = by
            log("ended", by=by)
            self.over.set()

    def _on_gathering(self, peer, _):
        state = peer.get_property("ice-gathering-state")
        if state == GstWebRTC.WebRTCICEGatheringState.COMPLETE:
            self._gathered.set()

    def _on_connection(self, peer, _):
        state = peer.get_property("connection-state").value_nick
        log("connection", state=state)
        if state == "connected":
            self.connected.set()
        if state in ("failed", "closed"):
            self.end(f"connection {state}")

    def _on_bus(self, _, message):
        if message.type == Gst.MessageType.ERROR:
            # The end of SCTP is one, and comes before the last message.
            error, _ = message.parse_error()
            log("error", error=str(error))
        return Gst.BusSyncReply.DROP


class Publisher(Peer):
    """Sends so many frames of picture, sound and points."""

    def __init__(self, options):
        codec = VIDEO[options.codec]
        super().__init__(
            f"videotestsrc name=video is-live=true num-buffers={VIDEO_FRAMES} "
            "! video/x-raw,format=I420,width=640,height=480,framerate=30/1 "
            f"! queue ! {ENCODERS[options.codec]} ! {codec} ! peer. "
            f"audiotestsrc name=audio is-live=true num-buffers={AUDIO_FRAMES} "
            "samplesperbuffer=960 ! audio/x-raw,rate=48000,channels=2 "
            f"! queue ! opusenc ! rtpopuspay ! {OPUS} ! peer."
        )
        self.options = options
        # H.265's payloader marks parameter sets, too: times tell pictures apart.
        self._last = None
        self.sent = {"video": 0, "audio": 0, "clouds": 0}
        self._ended = {"video": threading.Event(), "audio": threading.Event()}
        for kind, pad in zip(("video", "audio"), self.bin.sinkpads):
            both = Gst.PadProbeType.BUFFER | Gst.PadProbeType.EVENT_DOWNSTREAM
            pad.add_probe(both, self._on_sent, kind)
        # What is made before the connection is there would come in one burst.
        self._sources = [self.pipeline.get_by_name(kind) for kind in self._ended]
        for source in self._sources:
            source.set_locked_state(True)
        self.pipeline.set_state(Gst.State.READY)
        self.channel = None
        self._opened = threading.Event()
        if options.clouds > 0:
            # As the original's: of no protocol.
            self.channel = self.bin.emit("create-data-channel", "data", None)
            self.channel.connect("on-open", lambda _: self._opened.set())
        self.pipeline.set_state(Gst.State.PLAYING)

    def run(self):
        for source in self._sources:
            source.set_locked_state(False)
            source.sync_state_with_parent()
        if self.channel is not None:
            self._send_clouds()
        for kind, ended in self._ended.items():
            wait(ended, f"the end of {kind}")
        log("sent", **self.sent)

    def report(self):
        return {}

    def _send_clouds(self):
        wait(self._opened, "the open channel")
        count = self.options.points * 3
        for number in range(self.options.clouds):
            values = array.array("f", range(number, number + count))
            self.channel.emit("send-data", GLib.Bytes.new(values.tobytes()))
            self.sent["clouds"] += 1
            time.sleep(0.1)

    def _on_sent(self, _, info, kind):
        if info.type & Gst.PadProbeType.EVENT_DOWNSTREAM:
            if info.get_event().type != Gst.EventType.EOS:
                return Gst.PadProbeReturn.OK
            # The track is silent from here on; it is not over.
            self._ended[kind].set()
            return Gst.PadProbeReturn.DROP
        time = info.get_buffer().pts
        self.sent[kind] += kind == "audio" or time != self._last
        if kind == "video":
            self._last = time
        return Gst.PadProbeReturn.OK


class Watcher(Peer):
    """Decodes what comes, and counts it."""

    def __init__(self, options):
        super().__init__("")
        self.options = options
        self.frames = {"video": 0, "audio": 0}
        self.size = None
        self.clouds = []
        self.errors = []
        self._chunk = 0
        self._sum = 0
        self.bin.connect("pad-added", self._on_track)
        self.pipeline.set_state(Gst.State.PLAYING)
        for caps in (";".join(VIDEO.values()), OPUS):
            self.bin.emit(
                "add-transceiver",
                GstWebRTC.WebRTCRTPTransceiverDirection.RECVONLY,
                Gst.Caps.from_string(caps),
            )
        if options.clouds > 0:
            protocol = Gst.Structure.new_from_string(
                "options,protocol=(string)pointwire.v1"
            )
            channel = self.bin.emit("create-data-channel", "points", protocol)
            channel.connect("on-message-string", self._on_text)
            channel.connect("on-message-data", self._on_points)

    def run(self):
        transceiver = self.bin.emit("get-transceiver", 0)
        transport = transceiver.get_property("receiver").get_property("transport")
        transport.connect("notify::state", self._on_dtls)

    def _on_dtls(self, transport, _):
        state = transport.get_property("state").value_nick
        log("dtls", state=state)
        if state == "closed":
            self.end("DTLS closed")

    def report(self):
        return {
            "frames": self.frames,
            "size": self.size,
            "clouds": self.clouds,
            "errors": self.errors,
        }

    def _on_track(self, _, pad):
        decoder = Gst.ElementFactory.make("decodebin")
        decoder.connect("pad-added", self._on_decoded)
        self.pipeline.add(decoder)
        decoder.sync_state_with_parent()
        pad.add_probe(Gst.PadProbeType.EVENT_DOWNSTREAM, self._on_event)
        pad.link(decoder.get_static_pad("sink"))

    def _on_event(self, _, info):
        if info.get_event().type == Gst.EventType.EOS:
            self.end("track ended")
        return Gst.PadProbeReturn.OK

    def _on_decoded(self, _, pad):
        sink = Gst.ElementFactory.make("fakesink")
        # A picture counts when it is there, whenever it is to be shown.
        sink.set_property("sync", False)
        sink.set_property("async", False)
        self.pipeline.add(sink)
        sink.sync_state_with_parent()
        pad.add_probe(Gst.PadProbeType.BUFFER, self._on_frame)
        pad.link(sink.get_static_pad("sink"))

    def _on_frame(self, pad, _):
        shape = pad.get_current_caps().get_structure(0)
        kind = shape.get_name().removesuffix("/x-raw")
        self.frames[kind] += 1
        if kind == "video":
            self.size = [shape.get_value("width"), shape.get_value("height")]
        log(kind, frames=self.frames[kind])
        return Gst.PadProbeReturn.OK

    def _on_text(self, _, text):
        if json.loads(text)["type"] == "bye":
            self.end("bye")

    def _on_points(self, _, data):
        message = data.get_data()
        version, codec, _, number, points, chunk, chunks, _ = HEADER.unpack_from(
            message
        )
        if (version, codec, chunk) != (1, 0, self._chunk):
            self.errors.append(f"version {version}, codec {codec}, chunk {chunk}")
            return
        body = message[HEADER.size :]
        self._sum = zlib.crc32(body, self._sum if chunk > 0 else 0)
        self._chunk = (chunk + 1) % chunks
        if self._chunk > 0:
            return
        self.clouds.append([number, points, self._sum])
        if len(self.clouds) == self.options.clouds:
            log("clouds", count=self.options.clouds)


PLUGINS = "vp8enc vp9enc x264enc x265enc libde265dec opusenc rtpvp8pay nicesrc dtlsdec srtpdec sctpdec webrtcbin"


def lacking():
    """Names what this machine lacks."""
    return [name for name in PLUGINS.split() if not Gst.ElementFactory.find(name)]


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("role", choices=["publish", "watch", "check"])
    parser.add_argument("url", nargs="?")
    parser.add_argument("--codec", choices=list(VIDEO), default="VP8")
    parser.add_argument("--clouds", type=int, default=0)
    parser.add_argument("--points", type=int, default=5000)
    options = parser.parse_args()
    Gst.init(None)
    if options.role == "check":
        sys.exit(" ".join(lacking()) or 0)
    peer = {"publish": Publisher, "watch": Watcher}[options.role](options)
    for name in (signal.SIGINT, signal.SIGTERM):
        signal.signal(name, lambda *_: peer.end(None))
    location = peer.connect(options.url)
    log("answered", location=location)
    wait(peer.connected, "the connection")
    peer.run()
    peer.over.wait()
    status, _, _ = ask("DELETE", location)
    report = {"deleted": status, "endedBy": peer.ended_by, **peer.report()}
    peer.pipeline.set_state(Gst.State.NULL)
    print(json.dumps(report), flush=True)


if __name__ == "__main__":
    main()
