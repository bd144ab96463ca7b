"""The engine of this process: models loaded once, media opened in processes of their own, and so many judged at once.

Views reach it by `engine_room()`; which one that is, `settings.ENGINE_ROOM` says, so that tests put a scripted one there.
Everything here blocks: call it from synchronous views, which Django runs in threads, never on the event loop.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Protocol

from django.conf import settings
from django.utils.module_loading import import_string

from countersign.core.biometrics import Enrolment, Modality, ModelRef
from countersign.core.evidence import Evidence, Features
from countersign.core.ports import ReplayMemory
from countersign.core.replay import Fingerprint
from countersign.core.samples import Capture, Recording
from countersign.liveness.challenge import Challenge
from countersign.media.decode import KEEP_FPS
from countersign.media.limits import Limits
from countersign.media.pool import DecodePool
from countersign.models import catalog
from countersign.models.entry import Pack
from countersign.models.runtime import Runtime
from countersign.models.store import ModelStore
from countersign.pipeline import Engine
from countersign.server.ceremonies.problems import Problem, ProblemCode
from countersign.server.configuration import ServerConfiguration
from countersign.server.metrics import meters
from countersign.server.project.current import configuration

LONGEST_RECORDING_S = 15.0
"""About seven seconds are asked for; slow readers and a late press of the button have room."""


class Judges(Protocol):
    """What the ceremonies use of `countersign.pipeline.Engine`."""

    @property
    def models(self) -> Mapping[Modality, ModelRef]:
        """The models that make the embeddings."""

    def extract(self, recording: Recording) -> Features:
        """Samples of face and voice, or why there are none."""

    def gather(self, features: Sequence[Features]) -> Features:
        """One presentation of several recordings."""

    def enrol(self, features: Sequence[Features]) -> Enrolment:
        """References from everything that could be acquired."""

    def judge(
        self,
        recording: Recording,
        enrolment: Enrolment,
        *,
        challenge: Challenge,
        memory: ReplayMemory | None = None,
    ) -> Evidence:
        """All that one login's recording says."""

    def fingerprint(self, recording: Recording, memory: ReplayMemory) -> Fingerprint:
        """What the memory is to keep of a recording that is no login."""


class Decodes(Protocol):
    """What the ceremonies use of `countersign.media.pool.DecodePool`."""

    def decode(self, capture: Capture, *, keep_fps: float = KEEP_FPS) -> Recording:
        """A file as a recording, with so many pictures a second.

        Raises:
            MediaError: it is none.
        """


class Places:
    """So many at work at once, so many waiting, and a refusal for everybody else: a queue never grows.

    Args:
        at_once: at work.
        waiting: in the queue.
        seconds: longest wait.
    """

    def __init__(self, *, at_once: int, waiting: int, seconds: float) -> None:
        self._free = threading.BoundedSemaphore(at_once)
        self._most, self._seconds = at_once + waiting, seconds
        self._lock = threading.Lock()
        self.inside = 0
        """How many are at work or waiting now."""

    @contextmanager
    def take(self) -> Iterator[None]:
        """Hold a place for the length of the block.

        Raises:
            Problem: BUSY.
        """
        with self._lock:
            if self.inside >= self._most:
                raise Problem(ProblemCode.BUSY, retry_after=3)
            self.inside += 1
        try:
            if not self._free.acquire(timeout=self._seconds):
                raise Problem(ProblemCode.BUSY, retry_after=5)
            try:
                yield
            finally:
                self._free.release()
        finally:
            with self._lock:
                self.inside -= 1


class EngineRoom:
    """Engine, decoders and places. Thread-safe.

    Args:
        load: makes the engine; called once, when it is first needed.
        decoder: opens media.
        places: bounds what is computed at once.
    """

    def __init__(self, *, load: Callable[[], Judges], decoder: Decodes, places: Places) -> None:
        self._load, self._decoder, self._places = load, decoder, places
        self._lock = threading.Lock()
        self._engine: Judges | None = None

    @property
    def engine(self) -> Judges:
        """The engine, loaded now if it was not before.

        Raises:
            ModelError: a model is missing or altered.
        """
        with self._lock:
            if self._engine is None:
                self._engine = self._load()
            return self._engine

    @property
    def is_loaded(self) -> bool:
        """Whether the engine is there, so that nobody has to wait for it."""
        return self._engine is not None

    @contextmanager
    def place(self) -> Iterator[None]:
        """Hold a place while computing: around decoding and judging, never around waiting for a person.

        Raises:
            Problem: BUSY.
        """
        came = time.perf_counter()
        with meters.INSIDE.track_inprogress(), self._places.take():
            meters.WAITING.observe(time.perf_counter() - came)
            with meters.COMPUTING.time():
                yield

    def decode(self, capture: Capture, *, keep_fps: float = KEEP_FPS) -> Recording:
        """A file as a recording, with so many pictures a second: `LOGIN_FPS` where lips and movement are looked at.

        Raises:
            MediaError: it is none, or it breaks the limits.
        """
        with meters.DECODING.time():
            return self._decoder.decode(capture, keep_fps=keep_fps)

    def warm_up(self) -> None:
        """Load everything and run it once, so that the first person does not wait for it.

        Raises:
            ModelError: a model is missing or altered.
            MediaError: no decoding process starts.
        """
        engine = self.engine
        if isinstance(engine, Engine):
            engine.warm_up()
        if isinstance(self._decoder, DecodePool):
            self._decoder.start()


def open_room() -> EngineRoom:
    """The real one, by the configuration. Nothing is loaded and no process is started yet."""
    current = configuration()
    limits = Limits(bytes=current.server.max_upload_bytes, seconds=LONGEST_RECORDING_S)
    places = Places(
        at_once=current.engine.judged_at_once, waiting=current.engine.waiting, seconds=current.engine.waiting_seconds
    )
    decoder = DecodePool(size=current.engine.decoders, limits=limits)
    return EngineRoom(load=lambda: _load_engine(current), decoder=decoder, places=places)


def _load_engine(current: ServerConfiguration) -> Engine:
    return Engine.load(Runtime(ModelStore.default(), threads=current.engine.threads), pack=current.engine.pack)


def missing_models() -> tuple[str, ...]:
    """Models that this server needs and that are not installed, by name; told before the start rather than during it."""
    current = configuration()
    if not current.accounts.biometric_step or f"{__name__}.{open_room.__name__}" != settings.ENGINE_ROOM:
        return ()
    store, packs = ModelStore.default(), {Pack.CORE, current.engine.pack}
    return tuple(sorted(entry.name for pack in packs for entry in catalog.in_pack(pack) if not store.has(entry)))


_rooms: dict[str, EngineRoom] = {}
_opening = threading.Lock()


def engine_room() -> EngineRoom:
    """The one of this process."""
    name: str = settings.ENGINE_ROOM
    with _opening:
        if name not in _rooms:
            _rooms[name] = import_string(name)()
        return _rooms[name]


def models_are_ready() -> bool:
    """Whether this process can judge at once; also where nobody is judged."""
    return engine_room().is_loaded or not configuration().accounts.biometric_step
