"""Entity tags are strong, and compared as RFC 9110 says."""

import pytest

from bucketlist.kit.errors import PreconditionFailed
from bucketlist.kit.etags import is_known, make_etag, refuse_mismatch

ETAG = make_etag(3, "2026-11-24T22:40:00.123Z")


def test_a_tag_is_made_of_its_parts() -> None:
    assert ETAG == '"3-2026-11-24T22:40:00.123Z"'
    assert make_etag(1, 2) != make_etag(12)


@pytest.mark.parametrize("header", [ETAG, f"W/{ETAG}", f'"other", {ETAG}', f'"a",W/{ETAG} , "b"', "*", " * "])
def test_who_has_this_version_knows_it(header: str) -> None:
    assert is_known(ETAG, header)


@pytest.mark.parametrize("header", [None, "", '"other"', '"3"', ETAG[:-2] + '"', 'W/"3-x"', "garbage"])
def test_who_has_another_version_does_not(header: str | None) -> None:
    assert not is_known(ETAG, header)


@pytest.mark.parametrize("header", [None, ETAG, "*", " * ", f'"other", {ETAG}', f'{ETAG},"x"'])
def test_a_change_of_this_version_is_let_through(header: str | None) -> None:
    refuse_mismatch(ETAG, header)


@pytest.mark.parametrize("header", ["", '"other"', f"W/{ETAG}", '"3", "4"', "garbage", '"*"'])
def test_a_change_of_another_version_is_refused(header: str) -> None:
    with pytest.raises(PreconditionFailed):
        refuse_mismatch(ETAG, header)
