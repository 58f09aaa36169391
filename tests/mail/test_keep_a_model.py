"""Stateful property-based test: a link by mail is good exactly when a very simple model says so (rows 16 and 17)."""

from dataclasses import dataclass
from itertools import count
from typing import ClassVar

import pytest
import time_machine
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from bucketlist.kit.http.openapi import ApiApp
from tests.accounts.test_reset_password import confirmed_at
from tests.authentication import bearer, log_in, sign_up
from tests.outbox import newest_token
from tests.people import PASSWORD

_numbers = count()

MINUTES = {"reset": 60, "confirm": 7 * 24 * 60}


@dataclass
class Link:
    """One that was sent."""

    kind: str
    token: str
    minute: int
    is_good: bool = True


class Account(RuleBasedStateMachine):
    """Somebody's account, and all links that were ever sent for it."""

    app: ClassVar[ApiApp]
    links: Bundle[Link] = Bundle("links")

    @initialize(target=links)
    def begin(self) -> Link:
        self.travel = time_machine.travel("2026-11-24T12:00:00Z", tick=False)
        self.clock = self.travel.start()
        self.client = self.app.test_client()
        self.number, self.minute, self.sent = next(_numbers), 0, list[Link]()
        self.email, self.password, self.is_confirmed = self.address(), PASSWORD, False
        sign_up(self.client, self.email)
        return self.note("confirm")

    def teardown(self) -> None:
        if hasattr(self, "travel"):
            self.travel.stop()

    @rule(target=links)
    def forget(self) -> Link:
        assert self.client.post("/v1/auth/password/forgot", json={"email": self.email}).status_code == 202
        return self.note("reset")

    @rule()
    def forget_what_is_not_there(self) -> None:
        nobody = {"email": f"nobody.{self.number}@example.com"}
        assert self.client.post("/v1/auth/password/forgot", json=nobody).status_code == 202

    @rule(link=links)
    def set_password(self, link: Link) -> None:
        wanted = f"horse number {next(_numbers)}"
        body = {"token": link.token, "newPassword": wanted}
        status = self.client.post("/v1/auth/password/reset", json=body).status_code
        assert status == (204 if self.is_good(link, "reset") else 401)
        if status == 204:
            link.is_good, self.password, self.is_confirmed = False, wanted, True

    @rule(link=links)
    def confirm(self, link: Link) -> None:
        body = {"token": link.token, "currentPassword": self.password}
        status = self.client.post("/v1/auth/email/confirm", json=body).status_code
        assert status == (204 if self.is_good(link, "confirm") else 401)
        if status == 204:
            link.is_good, self.is_confirmed = False, True

    @rule()
    def change_password(self) -> None:
        header, wanted = self.signed_in(), f"horse number {next(_numbers)}"
        body = {"currentPassword": self.password, "newPassword": wanted}
        assert self.client.put("/v1/auth/password", json=body, headers=header).status_code == 204
        self.password = wanted
        self.kill("reset")

    @rule(target=links)
    def change_address(self) -> Link:
        header, self.email, self.is_confirmed = self.signed_in(), self.address(), False
        body = {"email": self.email, "currentPassword": self.password}
        assert self.client.patch("/v1/users/me", json=body, headers=header).status_code == 200
        self.kill("reset")
        return self.note("confirm")

    @rule(minutes=st.sampled_from([1, 30, 59, 60, 24 * 60]))
    def wait(self, minutes: int) -> None:
        self.minute += minutes
        self.clock.shift(minutes * 60)

    @invariant()
    def is_confirmed_when_somebody_has_shown_it(self) -> None:
        if hasattr(self, "email"):
            assert (confirmed_at(self.email) is not None) == self.is_confirmed

    def note(self, kind: str) -> Link:
        self.kill(kind)
        self.sent.append(Link(kind, newest_token(kind, self.email), self.minute))
        return self.sent[-1]

    def kill(self, kind: str) -> None:
        for link in self.sent:
            link.is_good = link.is_good and link.kind != kind

    def is_good(self, link: Link, kind: str) -> bool:
        return link.is_good and link.kind == kind and self.minute - link.minute < MINUTES[kind]

    def address(self) -> str:
        return f"somebody.{next(_numbers)}@example.com"

    def signed_in(self) -> dict[str, str]:
        return bearer(log_in(self.client, self.email, self.password))


@pytest.mark.threat(row=16)
def test_a_link_is_good_when_the_model_says_so(app: ApiApp) -> None:
    machine = type("Account", (Account,), {"app": app})
    few = settings(max_examples=8, stateful_step_count=20, deadline=None, suppress_health_check=list(HealthCheck))

    run_state_machine_as_test(machine, settings=few)
