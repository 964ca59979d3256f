"""Pictures of one grey for tests: number n is of the grey 8 n, n below 30."""
import io
import subprocess

from PIL import Image

WIDTH, HEIGHT = 160, 120
PICTURES = 30


def picture(n, format):
    """A picture in a format of PIL's."""
    out = io.BytesIO()
    Image.new("L", (WIDTH, HEIGHT), 8 * n).convert("RGB").save(out, format)
    return out.getvalue()


def access_units():
    """H.264 of all of them, each after its delimiter; each tenth is a keyframe."""
    def yuv(n):
        luma = bytes([16 + round(8 * n * 219 / 255)]) * (WIDTH * HEIGHT)
        return luma + bytes([128]) * (WIDTH * HEIGHT // 2)
    h264 = subprocess.run(
        ["ffmpeg", "-v", "error", "-f", "rawvideo", "-pix_fmt", "yuv420p",
         "-s", f"{WIDTH}x{HEIGHT}", "-r", "10", "-i", "pipe:0",
         "-c:v", "libx264", "-profile:v", "baseline", "-g", "10",
         "-x264-params", "aud=1:scenecut=0:repeat-headers=1",
         "-f", "h264", "pipe:1"],
        input=b"".join(map(yuv, range(PICTURES))), capture_output=True,
        check=True).stdout
    delimiter = b"\0\0\0\1\x09"
    units = [delimiter + unit for unit in h264.split(delimiter)[1:]]
    assert len(units) == PICTURES
    return units
