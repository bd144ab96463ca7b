"""Recording and references to evidence. Login, evaluation, demonstration and benchmark run this same object.

::

    Recording ──extract──> Features ──gather──> Features of one presentation ──enrol───> Enrolment
                                                                             └─compare─> Evidence

    Recording, Enrolment, Challenge ──judge──> Evidence with checks ──> policy.decide

A login is one `judge`: comparison and checks look at the same recording, decoded once, and at the same face in it. What
does not wait for each other runs side by side; ONNX Runtime, OpenCV and NumPy let go of the interpreter's lock while they
work::

    caller       follow the face ──────────────────────┬─> turn, solid and what else is seen ─┬─> compare ──> Evidence
    engine's     speech, voice ────────────────────────┼─> embed the face                     │
    threads      phrase                                ├─> fingerprint ───────────────────────┤
    liveness's                                         └─> lips, synthetic speech ────────────┘

So one login keeps two cores busy nearly throughout. Comparing costs microseconds.
"""

from countersign.pipeline.engine import Engine

__all__ = ["Engine"]
