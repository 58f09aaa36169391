"""Diagnostics of failover: of several database servers, is one the primary, and what would take its place?"""

from collections.abc import Iterator, Sequence

from bucketlist.config import Settings
from bucketlist.kit.db.server_state import Seen, survey
from bucketlist.ops.doctor.findings import Finding, fine, odd, wrong


def check_servers(settings: Settings) -> list[Finding]:
    """Nothing, where `DATABASE_URL` names one server only."""
    if not settings.database_url:
        return []
    seen = survey(settings.database_url, may_prepare=settings.database_prepare)
    return list(judge_servers(seen)) if len(seen) > 1 else []


def judge_servers(seen: Sequence[Seen]) -> Iterator[Finding]:
    """What each of them says, put together."""
    for server in seen:
        if server.silence:
            yield odd("servers", f"{server.host} does not answer: {server.silence}.")
    standbys = [server for server in seen if server.is_standby]
    primaries = [server for server in seen if not (server.is_standby or server.silence)]
    if not primaries:
        yield wrong("servers", "None takes writes; promote a standby.")
        return
    newest = max(primaries, key=lambda server: server.timeline)
    for server in primaries:
        if server is not newest and (server.cluster, server.timeline) != (newest.cluster, newest.timeline):
            yield _tell_split(server, newest)
    if standbys and not newest.waits_for:
        told = f"{newest.host} acknowledges what no standby has, which a failover loses; set synchronous_standby_names."
        yield odd("servers", told)
    names = ", ".join(str(server.host) for server in standbys) or "none"
    yield fine("servers", f"{newest.host} takes writes; standbys: {names}.")


def _tell_split(server: Seen, newest: Seen) -> Finding:
    if server.cluster != newest.cluster:
        return wrong("servers", f"{server.host} and {newest.host} are no copies of each other; name one of the two.")
    told = f"{server.host} takes writes on timeline {server.timeline}, {newest.host} on {newest.timeline}"
    return wrong("servers", f"{told}; stop the first, which is an old primary, and make a standby of it.")
