"""What one mirrored frame costs in CPU, against ffmpeg doing the same decode and scale.

Run it by hand: ``python tests/benchmarks/mirror.py``; it prints JSON. Both sides take turns
within one run, because the machine's speed drifts; compare the ratio, not the milliseconds.
Ours includes parsing the stream and painting the frame 1:1, ffmpeg's does not; its own start
(a run over the first picture alone) is taken off its figure, as our imports are not counted.
"""

import argparse
import json
import os
import resource
import statistics
import struct
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import av
from PySide6.QtGui import QGuiApplication, QImage, QPainter

from engine.mirror.decoder import Decoder, fit
from engine.mirror.protocol import MediaPacket, StreamStarts, VideoParser

META = b"clip".ljust(64, b"\0") + b"h264" + bytes(8)


def make_clip(path: Path, size: tuple[int, int], seconds: int) -> None:
    """Write a clip with much movement, without B-frames, as a phone's encoder does."""
    source = f"testsrc2=size={size[0]}x{size[1]}:rate=60"
    subprocess.run(
        ["ffmpeg", "-v", "error", "-y", "-f", "lavfi", "-i", source, "-t", str(seconds),
         "-pix_fmt", "yuv420p", "-c:v", "libx264", "-preset", "veryfast", "-tune", "zerolatency",
         "-x264-params", "slices=1:sliced-threads=0:keyint=600", "-b:v", "8M",
         "-colorspace", "bt709", "-color_primaries", "bt709", "-color_trc", "bt709",
         "-color_range", "tv", str(path)],
        check=True,
    )  # fmt: skip


def read_stream(path: Path) -> bytes:
    """Return the clip as the bytes that come over the video socket."""
    stream = bytearray(META)
    with av.open(str(path)) as clip:
        for number, packet in enumerate(packet for packet in clip.demux() if packet.size):
            data = bytes(packet)
            stream += struct.pack(">QI", (packet.is_keyframe << 62) | number * 16_667, len(data))
            stream += data
    return bytes(stream)


def pieces(stream: bytes, size: int = 65536) -> Iterator[bytes]:
    """Cut the stream as a socket would."""
    for start in range(0, len(stream), size):
        yield stream[start : start + size]


def run_ours(stream: bytes, target: tuple[int, int], window: QImage) -> tuple[float, int]:
    """Decode, scale and paint each picture; CPU seconds of this process and the count."""
    parser, decoder, shown = VideoParser(3), None, 0
    before = resource.getrusage(resource.RUSAGE_SELF)
    for piece in pieces(stream):
        for event in parser.feed(piece):
            if isinstance(event, StreamStarts):
                decoder = Decoder(event.codec, target)
            elif isinstance(event, MediaPacket) and decoder is not None and decoder.decode(event):
                frame = decoder.frame()
                assert frame is not None
                picture = QImage(
                    frame.bgra.data,  # type: ignore[call-overload]
                    frame.width,
                    frame.height,
                    4 * frame.width,
                    QImage.Format.Format_RGB32,
                )
                painter = QPainter(window)
                painter.drawImage(0, 0, picture)
                painter.end()
                shown += 1
    after = resource.getrusage(resource.RUSAGE_SELF)
    return _cpu(after) - _cpu(before), shown


def run_ffmpeg(path: Path, target: tuple[int, int], *limit: str) -> float:
    """Let ffmpeg decode and scale to BGRA and throw it away; its CPU seconds."""
    scale = f"scale={target[0]}:{target[1]}:flags=area:in_color_matrix=bt709,format=bgra"
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(
        ["ffmpeg", "-v", "error", "-threads", "1", "-filter_threads", "1",
         "-i", str(path), "-vf", scale, "-fps_mode", "passthrough", *limit,
         "-f", "rawvideo", "-y", os.devnull],
        check=True,
    )  # fmt: skip
    return _cpu(resource.getrusage(resource.RUSAGE_CHILDREN)) - _cpu(before)


def _cpu(usage: resource.struct_rusage) -> float:
    return usage.ru_utime + usage.ru_stime


def measure(size: tuple[int, int], wanted: tuple[int, int], seconds: int, rounds: int) -> dict:
    """Take turns and return the figures for one size of video."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "clip.h264"
        make_clip(path, size, seconds)
        stream = read_stream(path)
        target = fit(size, wanted)
        window = QImage(*target, QImage.Format.Format_RGB32)
        ours, theirs = [], []
        for _ in range(rounds):
            cpu, shown = run_ours(stream, target, window)
            ours.append(1000 * cpu / shown)
            start = run_ffmpeg(path, target, "-frames:v", "1")
            theirs.append(1000 * (run_ffmpeg(path, target) - start) / (shown - 1))
        ratios = [mine / other for mine, other in zip(ours, theirs, strict=True)]
    return {
        "video": f"{size[0]}x{size[1]}",
        "shown": f"{target[0]}x{target[1]}",
        "frames": shown,
        "rounds": rounds,
        "ours_cpu_ms_per_frame": round(statistics.median(ours), 2),
        "ffmpeg_cpu_ms_per_frame": round(statistics.median(theirs), 2),
        "ratio": round(statistics.median(ratios), 3),
        "ratios": [round(ratio, 3) for ratio in ratios],
    }


def main() -> None:
    """Measure and print."""
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--seconds", type=int, default=5)
    arguments.add_argument("--rounds", type=int, default=7)
    options = arguments.parse_args()
    application = QGuiApplication(sys.argv[:1])
    results = [
        measure((1080, 2336), (486, 1052), options.seconds, options.rounds),
        measure((720, 1560), (486, 1052), options.seconds, options.rounds),
    ]
    application.quit()
    sys.stdout.write(json.dumps({"mirror": results}, indent=2) + "\n")


if __name__ == "__main__":
    main()
