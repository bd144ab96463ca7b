"""The only door to the inference runtime. Nothing else imports ONNX Runtime, and nothing here touches the network."""

from __future__ import annotations

import functools
import threading
from collections.abc import Iterable
from typing import TypeAlias

import numpy as np
import onnxruntime as ort
from numpy.typing import NDArray

from countersign.core.arrays import Float32Array
from countersign.core.biometrics import ModelRef
from countersign.core.errors import ErrorCode, ModelError
from countersign.models import catalog
from countersign.models.entry import Axis, Conversion, ModelEntry, TensorSpec
from countersign.models.store import ModelStore

Array: TypeAlias = NDArray[np.generic]

ERRORS_ONLY = 3
"""ONNX Runtime's logging level. What it says below that is about its own optimiser and of no use to an operator."""


class Model:
    """One loaded model. May be called from several threads at once.

    Attributes:
        entry: what the catalogue says of it.
    """

    def __init__(self, entry: ModelEntry, session: ort.InferenceSession) -> None:
        self.entry = entry
        self._session = session
        self._inputs = [spec.name for spec in entry.inputs]
        self._outputs = [spec.name for spec in entry.outputs]

    @property
    def ref(self) -> ModelRef:
        """Names these exact weights."""
        return self.entry.ref

    def __call__(self, *inputs: Array) -> tuple[Float32Array, ...]:
        """Run the model.

        Args:
            inputs: one array for each of `entry.inputs`, in that order, of its shape and element type.

        Returns:
            One array for each of `entry.outputs`, in that order.
        """
        feed = dict(zip(self._inputs, inputs, strict=True))
        return tuple(self._session.run(self._outputs, feed))

    def warm_up(self) -> None:
        """Run once on zeros of the typical size, so that the first real call is as fast as the others."""
        self(*(np.zeros(_typical(spec), dtype=spec.dtype) for spec in self.entry.inputs))


class Runtime:
    """Loads models once and shares them.

    Args:
        store: where the installed files are.
        threads: threads that ONE call may use. One by default: a server runs several calls side by side, and
            on small models more threads cost more than they give.
    """

    def __init__(self, store: ModelStore, *, threads: int = 1) -> None:
        self.store = store
        self.threads = threads
        self._models: dict[str, Model] = {}
        self._lock = threading.Lock()

    def model(self, name: str) -> Model:
        """The named model, loaded at the first call.

        Raises:
            ModelError: MODEL_UNKNOWN, MODEL_MISSING, MODEL_HASH_MISMATCH, MODEL_UNREADABLE or MODEL_WRONG_TENSORS.
        """
        with self._lock:
            if name not in self._models:
                self._models[name] = self._load(catalog.find(name))
            return self._models[name]

    def has(self, name: str) -> bool:
        """Whether the named model is installed, so that `model` can be expected to load it."""
        return self.store.has(catalog.find(name))

    def warm_up(self, names: Iterable[str]) -> None:
        """Load the named models and run each once."""
        for name in names:
            self.model(name).warm_up()

    def _load(self, entry: ModelEntry) -> Model:
        data = self.store.read(entry)
        if entry.on_load is not Conversion.NONE:
            # Only an operator's own model needs this; nobody else shall wait for the converters to be imported.
            from countersign.models.convert import convert  # noqa: PLC0415

            data = convert(entry.on_load, (data,))
        session = _session(entry, data, self.threads)
        _check("input", entry, entry.inputs, session.get_inputs())
        _check("output", entry, entry.outputs, session.get_outputs())
        return Model(entry, session)


_ARENA = threading.Lock()


@functools.cache
def _share_one_arena() -> None:
    """Let all sessions of the process take memory from one arena.

    An arena keeps the largest need there was for good. One for each session came to 0.9 GB over twelve models, one for
    all to 0.5 GB, at the same speed; none at all made the proposal net two to three times slower (docs/models.md).
    """
    memory = ort.OrtMemoryInfo("Cpu", ort.OrtAllocatorType.ORT_ARENA_ALLOCATOR, 0, ort.OrtMemType.DEFAULT)
    ort.create_and_register_allocator(memory, ort.OrtArenaCfg({"arena_extend_strategy": 0}))


def _session(entry: ModelEntry, data: bytes, threads: int) -> ort.InferenceSession:
    with _ARENA:
        _share_one_arena()
    options = ort.SessionOptions()
    options.graph_optimization_level = ort.GraphOptimizationLevel.ORT_ENABLE_ALL
    options.execution_mode = ort.ExecutionMode.ORT_SEQUENTIAL
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    # A thread that waits for work must not burn the core that the media worker needs.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    options.add_session_config_entry("session.use_env_allocators", "1")
    options.log_severity_level = ERRORS_ONLY
    try:
        return ort.InferenceSession(data, sess_options=options, providers=["CPUExecutionProvider"])
    except Exception as error:  # ONNX Runtime's exceptions share no public base
        raise ModelError(
            ErrorCode.MODEL_UNREADABLE, f"Model {entry.name} cannot be read by the inference runtime: {error}"
        ) from error


def _check(side: str, entry: ModelEntry, expected: tuple[TensorSpec, ...], found: Iterable[ort.NodeArg]) -> None:
    """Refuse a file whose tensors are not the catalogue's. Lengths that may vary match any length that may vary."""
    names = {arg.name: arg for arg in found}
    for spec in expected:
        arg = names.get(spec.name)
        if arg is None or arg.type != _ort_type(spec) or not _same_shape(spec, arg.shape):
            seen = "none" if arg is None else f"{arg.type} {arg.shape}"
            raise ModelError(
                ErrorCode.MODEL_WRONG_TENSORS, f"Model {entry.name} should have {side} {spec}, found {seen}"
            )
    if side == "input" and len(names) != len(expected):
        raise ModelError(ErrorCode.MODEL_WRONG_TENSORS, f"Model {entry.name} has inputs that the catalogue lacks")


def _ort_type(spec: TensorSpec) -> str:
    return {"float32": "tensor(float)", "uint8": "tensor(uint8)", "int64": "tensor(int64)"}[spec.dtype]


def _same_shape(spec: TensorSpec, found: list[int | str | None]) -> bool:
    return len(spec.shape) == len(found) and all(
        isinstance(length, Axis) != isinstance(seen, int) and (isinstance(length, Axis) or length == seen)
        for length, seen in zip(spec.shape, found, strict=True)
    )


def _typical(spec: TensorSpec) -> tuple[int, ...]:
    return tuple(length.typical if isinstance(length, Axis) else length for length in spec.shape)
