"""ETags are strong, and compared as RFC 9110 says: F16."""

import pytest

from bucketlist.kit.errors import BadRequest, PreconditionFailed
from bucketlist.kit.etags import KNOWN, NO_TAG, WEAKENED, Preconditions, is_known, make_etag, read_tags, refuse_mismatch

ETAG = make_etag(3, "2026-11-24T22:40:00.123Z")


def test_a_tag_is_made_of_its_parts() -> None:
    assert ETAG == '"3-2026-11-24T22:40:00.123Z"'
    assert make_etag(1, 2) != make_etag(12)


@pytest.mark.parametrize("header", [ETAG, f"W/{ETAG}", f'"other", {ETAG}', f'"a",W/{ETAG} , "b"', "*", " * "])
def test_who_has_this_version_knows_it(header: str) -> None:
    assert is_known(ETAG, header)


@pytest.mark.parametrize("header", [None, "", '"other"', '"3"', f'{ETAG[:-1]}x"', 'W/"3-x"', ", ,"])
def test_who_has_another_version_does_not(header: str | None) -> None:
    assert not is_known(ETAG, header)


@pytest.mark.parametrize("header", [None, ETAG, "*", " * ", f'"other", {ETAG}', f'{ETAG},"x"', f',,{ETAG}\t,"a,b"'])
def test_a_change_of_this_version_is_let_through(header: str | None) -> None:
    refuse_mismatch(ETAG, header)


@pytest.mark.parametrize("header", ["", '"other"', f"W/{ETAG}", '"3", "4"', '"*"', '""'])
def test_a_change_of_another_version_is_refused(header: str) -> None:
    with pytest.raises(PreconditionFailed):
        refuse_mismatch(ETAG, header)


@pytest.mark.threat(row=70)
@pytest.mark.parametrize(
    "header",
    ["garbage", '"', f"{ETAG}x", f'{ETAG} "b"', f"{ETAG},*", f"*,{ETAG}", "**", f"w/{ETAG}", 'W/ "a"', '"a b"', "3"],
)
def test_f16_what_is_no_list_of_tags_is_a_bad_request(header: str) -> None:
    with pytest.raises(BadRequest):
        refuse_mismatch(ETAG, header)
    with pytest.raises(BadRequest):
        is_known(ETAG, header)


@pytest.mark.threat(row=70)
@pytest.mark.parametrize("weak", ["W/{}", 'W/"x", W/{}', '"{opaque}-gzip"', '"{opaque};gzip"', '"{opaque}--br"'])
def test_f16_a_tag_that_a_proxy_made_weak_is_refused_with_the_true_reason(weak: str) -> None:
    with pytest.raises(PreconditionFailed) as refused:
        refuse_mismatch(ETAG, weak.format(ETAG, opaque=ETAG.strip('"')))

    assert refused.value.detail == WEAKENED


@pytest.mark.parametrize("other", ['W/"x"', f'{ETAG[:-1]}-more"', '"x-gzip"'])
def test_f16_nobody_blames_a_proxy_for_another_version(other: str) -> None:
    with pytest.raises(PreconditionFailed) as refused:
        refuse_mismatch(ETAG, other)

    assert refused.value.detail == PreconditionFailed.default_detail


@pytest.mark.parametrize(("header", "is_met"), [("*", True), ('"x"', False), ("", False)])
def test_f16_only_a_star_matches_what_has_no_tag(header: str, is_met: bool) -> None:
    found = None
    try:
        refuse_mismatch(None, header)
    except PreconditionFailed as refused:
        found = refused.detail

    assert found == (None if is_met else NO_TAG)


@pytest.mark.threat(row=70)
def test_f16_if_match_is_looked_at_before_if_none_match() -> None:
    with pytest.raises(PreconditionFailed) as refused:
        Preconditions('"other"', ETAG).refuse(ETAG)
    with pytest.raises(PreconditionFailed) as known:
        Preconditions(ETAG, ETAG).refuse(ETAG)

    assert refused.value.detail == PreconditionFailed.default_detail
    assert known.value.detail == KNOWN


def test_f16_a_long_list_is_read_in_one_go() -> None:
    assert len(read_tags(",".join(['"a"'] * 8000), "If-Match") or ()) == 8000
