"""Synthetic voices by espeak-ng, in a process of its own: ``python -m countersign.cli.demo.espeak VOICE PITCH < TEXT``.

espeak-ng is GPL-3.0-or-later and written in C. It is used for the synthetic people of demo and tests alone, so it is
loaded by a child that does nothing else, and talks to us through a pipe.
"""

from __future__ import annotations

import ctypes
import subprocess
import sys

import numpy as np
import soxr

from countersign.core.arrays import Float32Array
from countersign.core.errors import ConfigurationError, ErrorCode
from countersign.core.samples import SAMPLE_RATE_HZ

# From espeak-ng's speak_lib.h.
_SYNCHRONOUS = 2
_CHARS_UTF8 = 1
_RATE, _PITCH = 1, 3


def speak(text: str, *, voice: str, pitch: int, words_per_minute: int = 150) -> Float32Array:
    """Read `text` aloud: `float32[n]` at 16 kHz in [-1, 1].

    Args:
        text: plain English.
        voice: espeak-ng's name of voice and variant, for example "en-us+f3".
        pitch: in [0, 100], 50 is the voice's own.
        words_per_minute: in [80, 450].

    Raises:
        ConfigurationError: espeak-ng is not installed or did not speak.
    """
    command = [sys.executable, "-m", __name__, voice, str(pitch), str(words_per_minute)]
    done = subprocess.run(command, input=text.encode(), capture_output=True, timeout=60, check=False)  # noqa: S603
    if done.returncode != 0 or len(done.stdout) <= 4:
        raise ConfigurationError(
            ErrorCode.CONFIGURATION_INVALID, "espeak-ng did not speak: install countersign[demo] for synthetic voices"
        )
    rate = int.from_bytes(done.stdout[:4], "little")
    samples = np.frombuffer(done.stdout[4:], "<i2").astype(np.float32) / 32768.0
    return np.asarray(soxr.resample(samples, rate, SAMPLE_RATE_HZ), np.float32)


def _child(voice: str, pitch: int, words_per_minute: int) -> None:
    import espeakng_loader  # noqa: PLC0415 - only the child loads it

    library = ctypes.CDLL(espeakng_loader.get_library_path())
    rate = library.espeak_Initialize(_SYNCHRONOUS, 0, espeakng_loader.get_data_path().encode(), 0)
    heard: list[bytes] = []

    def hear(samples: int | None, count: int, _events: int | None) -> int:
        if samples and count:
            heard.append(ctypes.string_at(samples, 2 * count))
        return 0

    # Kept in a variable: ctypes does not keep the callback alive.
    callback = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_int, ctypes.c_void_p)(hear)
    library.espeak_SetSynthCallback(callback)
    text = sys.stdin.buffer.read() + b"\0"
    if rate <= 0 or library.espeak_SetVoiceByName(voice.encode()) != 0:
        sys.exit(1)
    library.espeak_SetParameter(_PITCH, pitch, 0)
    library.espeak_SetParameter(_RATE, words_per_minute, 0)
    if library.espeak_Synth(text, len(text), 0, 1, 0, _CHARS_UTF8, None, None) != 0:
        sys.exit(1)
    library.espeak_Synchronize()
    sys.stdout.buffer.write(int(rate).to_bytes(4, "little") + b"".join(heard))


if __name__ == "__main__":
    _child(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
