"""Pictures are chosen evenly in time, whatever the frame rate does."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from countersign.media.choosing import FrameChooser, target_times


def chosen(times: list[float], *, end_s: float, per_second: float, at_most: int = 1000) -> list[float]:
    targets = target_times(np.array(times), end_s=end_s, per_second=per_second, at_most=at_most)
    chooser = FrameChooser(targets)
    return [time for time in times if chooser.wants(time)]


def test_six_seconds_at_thirty_frames_give_sixty_pictures() -> None:
    times = [i / 30 for i in range(180)]
    kept = chosen(times, end_s=6.0, per_second=10.0)
    assert len(kept) == 60
    assert np.allclose(np.diff(kept), 0.1)


def test_all_are_kept_where_there_are_fewer_than_wanted() -> None:
    times = [0.0, 0.5, 0.6, 2.0]
    assert chosen(times, end_s=2.1, per_second=10.0) == times


def test_never_more_than_the_cap() -> None:
    times = [i / 30 for i in range(900)]
    kept = chosen(times, end_s=30.0, per_second=10.0, at_most=50)
    assert len(kept) == 50
    assert kept[-1] > 29.0


def test_a_stretch_of_many_frames_gets_no_more_than_its_time() -> None:
    times = [i / 100 for i in range(100)] + [1.0 + i / 10 for i in range(10)]
    kept = chosen(times, end_s=2.0, per_second=5.0)
    assert sum(time < 1.0 for time in kept) == sum(time >= 1.0 for time in kept) == 5


def test_a_lost_picture_is_replaced_by_the_next() -> None:
    chooser = FrameChooser([0.0, 0.1, 0.2])
    assert [chooser.wants(time) for time in (0.0, 0.133, 0.166, 0.2)] == [True, True, False, True]


@given(
    st.lists(st.floats(0, 40), min_size=1, max_size=200, unique=True).map(sorted),
    st.floats(0.5, 60),
    st.integers(1, 100),
)
@settings(max_examples=100, deadline=None, derandomize=True)
def test_the_first_picture_is_always_kept_and_the_cap_always_holds(
    times: list[float], per_second: float, at_most: int
) -> None:
    kept = chosen(times, end_s=times[-1] + 0.04, per_second=per_second, at_most=at_most)
    assert kept[0] == times[0]
    assert len(kept) <= at_most
    assert kept == sorted(set(kept))


def test_no_length_at_all_gives_one_picture() -> None:
    assert chosen([0.0, 0.0, 0.0], end_s=0.0, per_second=10.0) == pytest.approx([0.0])
