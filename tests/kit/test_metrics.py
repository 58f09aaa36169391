"""Metrics of requests: what is counted, and where it counts."""

from typing import Any

import pytest
from werkzeug.test import Client

from bucketlist.kit.http.middleware import RequestMiddleware, Start
from bucketlist.kit.metrics import BOUNDS_MICROSECONDS, PLACES, RequestHistogram


def test_the_bounds_go_from_half_a_millisecond_to_ten_seconds_in_even_steps() -> None:
    steps = [step * 10**power for power in range(2, 8) for step in (1, 2.5, 5)]

    assert list(BOUNDS_MICROSECONDS) == [step for step in steps if 500 <= step <= 10_000_000]


@pytest.mark.parametrize(
    ("microseconds", "place"), [(0, 0), (500, 0), (501, 1), (1_000, 1), (10_000_000, 13), (10_000_001, 14)]
)
def test_a_request_counts_up_to_the_bound_it_does_not_pass(microseconds: int, place: int) -> None:
    histogram = RequestHistogram()

    histogram.count("/v1/buckets", "GET", "200", microseconds)

    (row,) = histogram.rows.values()
    assert [index for index, count in enumerate(row[:PLACES]) if count] == [place]


def test_requests_of_one_kind_are_added_up() -> None:
    histogram = RequestHistogram()

    for microseconds in (400, 600, 600):
        histogram.count("/v1/buckets", "GET", "200", microseconds)
    histogram.count("/v1/buckets", "GET", "404", 400)

    row, other = histogram.rows.values()
    assert (row[:2], row[-1], len(row)) == ([1, 2], 1_600, len(BOUNDS_MICROSECONDS) + 2)
    assert (other[0], other[-1]) == (1, 400)


def test_a_request_is_counted_by_its_method_and_its_status_alone() -> None:
    histogram = RequestHistogram()

    def refuse(_: dict[str, Any], start: Start) -> list[bytes]:
        start("404 NOT FOUND", [])
        return []

    Client(RequestMiddleware(refuse, histogram=histogram, access_log=False)).get("/secret")

    assert list(histogram.rows) == [("", "GET", "404")]
