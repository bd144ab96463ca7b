"""Time detection, alignment and embedding of eight frames beside facenet-pytorch's, on the same frames in the same run.

Development only. The peer runs in an environment of its own, so that torch never enters Countersign's::

    python -m venv peer
    peer/bin/pip install torch==2.13.0 numpy pillow requests tqdm
    peer/bin/pip install --no-deps facenet-pytorch==2.6.0
    python scripts/compare_with_facenet_pytorch.py --peer-python peer/bin/python [CLIP]

The two take turns, one thread each, and the figure is the ratio of the medians. The peer's recogniser has random weights
where the pretrained ones cannot be fetched: its speed does not depend on them.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import tempfile
import time
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np

from countersign.cli.demo.synthetic import SYNTHETIC_PEOPLE, synthetic_film
from countersign.core.samples import Capture, VideoClip
from countersign.face.path import FacePath
from countersign.media.decode import decode
from countersign.models.entry import Pack
from countersign.models.runtime import Runtime
from countersign.models.store import ModelStore

_PEER = r"""
import json, sys, time, types
import numpy as np, torch
from PIL import Image
torch.set_num_threads(1)
# facenet-pytorch wants two functions of torchvision, which has no CPU build everywhere; these do the same.
def batched_nms(boxes, scores, classes, threshold):
    shifted = boxes + (classes.to(boxes) * (boxes.max() + 1))[:, None]
    order, keep = scores.argsort(descending=True), []
    area = (shifted[:, 2] - shifted[:, 0]) * (shifted[:, 3] - shifted[:, 1])
    while order.numel():
        best = order[0]; keep.append(best); rest = order[1:]
        low, high = torch.maximum(shifted[best, :2], shifted[rest, :2]), torch.minimum(shifted[best, 2:], shifted[rest, 2:])
        inter = (high - low).clamp(min=0).prod(1)
        order = rest[inter / (area[best] + area[rest] - inter) <= threshold]
    return torch.stack(keep) if keep else torch.empty(0, dtype=torch.long)
functional = types.SimpleNamespace(to_tensor=lambda a: torch.from_numpy(np.ascontiguousarray(np.asarray(a).transpose(2, 0, 1))).float())
transforms = types.ModuleType("torchvision.transforms"); transforms.functional = functional
boxes = types.ModuleType("torchvision.ops.boxes"); boxes.batched_nms = batched_nms
for name, module in {"torchvision": types.ModuleType("torchvision"), "torchvision.transforms": transforms,
                     "torchvision.ops": types.ModuleType("torchvision.ops"), "torchvision.ops.boxes": boxes}.items():
    sys.modules[name] = module
from facenet_pytorch import MTCNN, InceptionResnetV1
frames = [Image.fromarray(frame) for frame in np.load(sys.argv[1])]
detector, recogniser = MTCNN(select_largest=True, post_process=True), InceptionResnetV1(pretrained=None).eval()
for line in sys.stdin:
    with torch.no_grad():
        started = time.perf_counter()
        faces = detector(frames)
        found = time.perf_counter()
        recogniser(torch.stack([face for face in faces if face is not None]))
        ended = time.perf_counter()
    print(json.dumps({"faces": sum(face is not None for face in faces), "detect": found - started, "embed": ended - found}), flush=True)
"""


def main() -> None:
    """Run the comparison and print it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("clip", type=Path, nargs="?")
    parser.add_argument("--peer-python", type=Path, required=True)
    parser.add_argument("--rounds", type=int, default=7)
    arguments = parser.parse_args()
    clip = _eight_frames(arguments.clip)
    frames = [frame.image for frame in clip.frames]
    paths = {pack.value: FacePath.load(Runtime(ModelStore.default()), pack=pack) for pack in (Pack.CORE, Pack.PLUS)}
    cv2.setNumThreads(1)
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "frames.npy"
        np.save(file, np.stack(frames))
        command = [str(arguments.peer_python), "-c", _PEER, str(file)]
        with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as peer:
            times: dict[str, list[float]] = {"peer": [], **{name: [] for name in paths}}
            for _ in range(arguments.rounds + 1):
                answer = _ask(peer)
                times["peer"].append(answer["detect"] + answer["embed"])
                for name, path in paths.items():
                    started = time.perf_counter()
                    path.extract(clip)
                    times[name].append(time.perf_counter() - started)
            print(f"the peer found {answer['faces']:.0f} faces in {len(frames)} frames")
            if peer.stdin:
                peer.stdin.close()
    _report(times)


def _ask(peer: subprocess.Popen[str]) -> dict[str, float]:
    if peer.stdin is None or peer.stdout is None:
        raise RuntimeError("the peer has no pipes")
    peer.stdin.write("go\n")
    peer.stdin.flush()
    answer: dict[str, float] = json.loads(peer.stdout.readline())
    return answer


def _report(times: dict[str, list[float]]) -> None:
    medians = {name: float(np.median(values[1:])) for name, values in times.items()}
    for name, seconds in medians.items():
        print(
            f"{name:5} {1000 * seconds:7.0f} ms for eight frames, {medians['peer'] / seconds:5.1f} times the peer's speed"
        )


def _eight_frames(path: Path | None) -> VideoClip:
    """Eight frames of the file, evenly spread, at 640x480."""
    capture = Capture(data=path.read_bytes()) if path else synthetic_film(SYNTHETIC_PEOPLE[0], 0)
    video = decode(capture).video
    if video is None:
        raise SystemExit("the clip has no picture")
    chosen = [video.frames[int(place)] for place in np.linspace(0, len(video.frames) - 1, 8)]
    frames = tuple(replace(frame, image=np.asarray(cv2.resize(frame.image, (640, 480)), np.uint8)) for frame in chosen)
    return replace(video, frames=frames)


if __name__ == "__main__":
    main()
