"""Sliding window, R2 and R9: what somebody has used counts for a while, and is forgotten then."""

import pytest

from bucketlist.kit import usage
from bucketlist.kit.usage import RecentUsage

WINDOW = 60.0
AMOUNTS = [  # each with the moment at which Ada uses one more, and how much she had used of late
    (0.0, 0),
    (1.0, 1),
    (WINDOW, 2),
    (3 * WINDOW - 0.1, 1),
    (3 * WINDOW, 2),
    (9 * WINDOW, 0),  # in the windows before she came not at all
]


@pytest.fixture
def moment(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """A clock that stands still: its one element is the time."""
    present = [0.0]
    monkeypatch.setattr(usage, "monotonic", lambda: present[0])
    return present


@pytest.mark.threat(row=53)
def test_r9_what_somebody_asked_for_is_forgotten_after_a_while(moment: list[float]) -> None:
    used = RecentUsage(WINDOW)
    seen = []

    for moment[0], _ in AMOUNTS:
        seen.append(used.add("ada", 1))

    assert seen == [before for _, before in AMOUNTS]


@pytest.mark.threat(row=53)
def test_r2_what_was_used_long_ago_does_not_count_when_it_is_asked_for(moment: list[float]) -> None:
    used = RecentUsage(WINDOW)
    used.add("ada", 3.5)
    seen = []

    for moment[0] in (0.0, WINDOW, 2 * WINDOW):
        seen.append(used.of("ada"))

    assert seen == [3.5, 3.5, 0]


def test_names_without_end_take_no_memory_without_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(usage, "MOST_NAMES", 10)
    used = RecentUsage(WINDOW)

    for number in range(100):
        used.add(str(number), 1)

    assert len(used._now) + len(used._before) <= 20
