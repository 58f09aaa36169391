"""F8: rate limit for log lines: a mistake of the operator's is told once in a while, and not at each try."""

import pytest
import time_machine

from bucketlist.kit.seldom import MOST_KINDS, Seldom


@pytest.mark.threat(row=60)
def test_f8_what_happens_again_and_again_is_told_once_a_minute() -> None:
    seldom = Seldom(60)
    with time_machine.travel("2026-11-24T12:00:00Z", tick=False) as clock:
        told = [seldom.untold("relay denied") for _ in range(5)]
        other = seldom.untold("sign-in refused")
        clock.shift(60)
        later = [seldom.untold("relay denied"), seldom.untold("relay denied")]

    assert (told, other, later) == ([0, None, None, None, None], 0, [4, None])


def test_a_clock_that_is_set_back_silences_nothing() -> None:
    seldom = Seldom(60)
    with time_machine.travel("2026-11-24T12:00:00Z", tick=False) as clock:
        seldom.untold("relay denied")
        clock.shift(-3600)

        assert seldom.untold("relay denied") == 0


def test_f8_it_remembers_no_more_kinds_than_it_has_room_for() -> None:
    seldom = Seldom(60)

    for number in range(3 * MOST_KINDS):
        seldom.untold(str(number))

    assert len(seldom._told) <= MOST_KINDS
