"""What is measured while the server runs.

Several worker processes write to files of one folder (`PROMETHEUS_MULTIPROC_DIR`, set by `countersign serve` before they
start), and whichever is asked adds them up. Events of the audit log are counted where they are written: see `events`.
"""

from __future__ import annotations

from prometheus_client import Counter, Gauge, Histogram

_SECONDS = (0.05, 0.1, 0.2, 0.35, 0.5, 0.75, 1.0, 1.5, 2.5, 4.0, 8.0, 16.0)

DECODING = Histogram("countersign_decode_seconds", "Opening one media file.", buckets=_SECONDS)
COMPUTING = Histogram(
    "countersign_compute_seconds", "Decoding and judging one recording, from place to place.", buckets=_SECONDS
)
WAITING = Histogram("countersign_wait_seconds", "Waiting for a place to be judged.", buckets=_SECONDS)
INSIDE = Gauge(
    "countersign_recordings_inside", "Recordings at work or waiting for a place.", multiprocess_mode="livesum"
)
RESPONSES = Counter("countersign_responses_total", "Answers of pages and API, by status.", ["status"])
REFUSALS = Counter("countersign_refusals_total", "Requests refused before they were read, by status.", ["status"])
