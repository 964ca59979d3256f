"""
A camera: GStreamer's RTSP server with a test picture in H.264, and a tone. It takes
its port, and the picture's width, height, frames and kilobits a second, and pattern:
one of videotestsrc's, or "stdin" for pictures in I420 that come there at their pace.

It says the port that it listens on, on standard output, once it does. Needs Debian's
python3-gst-1.0, gir1.2-gst-rtsp-server-1.0 and GStreamer's plugins.
"""

import sys
import threading

import gi

gi.require_version("Gst", "1.0")
gi.require_version("GstRtspServer", "1.0")
from gi.repository import GLib, Gst, GstRtspServer  # noqa: E402

CAPS = "video/x-raw,format=I420,width={width},height={height},framerate={rate}/1"
VIDEO = (
    " ! x264enc tune=zerolatency speed-preset=ultrafast bitrate={kilobits} key-int-max={rate} "
    "! rtph264pay name=pay0 pt=96"
)
DRAWN = (
    "( videotestsrc is-live=true pattern={pattern} ! " + CAPS + VIDEO +
    " audiotestsrc is-live=true ! audio/x-raw,rate=48000,channels=1 ! opusenc ! rtpopuspay name=pay1 pt=97 )"
)
GIVEN = "( appsrc name=pictures is-live=true do-timestamp=true format=time caps=" + CAPS + VIDEO + " )"


def feed(media, size):
    """Hands on pictures as they come, once somebody asks for them."""
    source = media.get_element().get_by_name("pictures")

    def hand_on():
        while picture := sys.stdin.buffer.read(size):
            source.emit("push-buffer", Gst.Buffer.new_wrapped(picture))

    threading.Thread(target=hand_on, daemon=True).start()


def main(port="0", width="640", height="360", rate="30", kilobits="2000", pattern="ball"):
    Gst.init(None)
    factory = GstRtspServer.RTSPMediaFactory()
    pipeline = GIVEN if pattern == "stdin" else DRAWN
    factory.set_launch(
        pipeline.format(width=width, height=height, rate=rate, kilobits=kilobits, pattern=pattern)
    )
    if pattern == "stdin":
        size = int(width) * int(height) * 3 // 2
        factory.connect("media-configure", lambda _, media: feed(media, size))
    factory.set_shared(True)
    server = GstRtspServer.RTSPServer()
    server.set_address("127.0.0.1")
    server.set_service(port)
    server.get_mount_points().add_factory("/camera", factory)
    server.attach(None)
    print(server.get_bound_port(), flush=True)
    GLib.MainLoop().run()


if sys.argv[1:] == ["check"]:
    sys.exit(0)
main(*sys.argv[1:])
