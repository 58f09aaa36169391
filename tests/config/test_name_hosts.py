"""Trusted hosts: a request has to name a host that is ours, in production and wherever hosts are listed."""

from pathlib import Path

import pytest

from bucketlist.app import create_app
from bucketlist.config import SettingsError, load_settings

KEY = "7d1f0c93ab56e28450b7c9e3116fd8a2f4096c5ed3b82a17"
PUBLIC = "https://lists.example.com"


@pytest.mark.threat(row=46)
@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("lists.example.com", 401),
        ("Lists.Example.com:8443", 401),
        ("10.0.0.5:8000", 401),
        ("evil.example.com", 400),
        ("lists.example.com.evil.example.com", 400),
        ("lists.example.com.", 400),
    ],
)
def test_a_foreign_host_is_refused_but_not_for_a_health_check(host: str, status: int, tmp_path: Path) -> None:
    wanted = {"app_setting": "production", "secret_key": KEY, "public_url": PUBLIC, "trusted_hosts": "10.0.0.5"}
    client = create_app(load_settings(**wanted, data_dir=tmp_path)).test_client()

    assert client.get("/v1/buckets", headers={"Host": host}).status_code == status
    assert client.get("/healthz", headers={"Host": host}).status_code == 200


@pytest.mark.threat(row=46)
def test_what_a_proxy_says_of_the_host_counts_for_nothing(tmp_path: Path) -> None:
    """It passes on what the client says, unless it is told not to; ours pass on the header Host itself."""
    wanted = {"app_setting": "production", "secret_key": KEY, "public_url": PUBLIC, "trusted_proxies": 1}
    client = create_app(load_settings(**wanted, data_dir=tmp_path)).test_client()
    foreign = {"Host": "evil.example.com", "X-Forwarded-Host": "lists.example.com"}
    ours = {"Host": "lists.example.com", "X-Forwarded-Host": "evil.example.com"}

    assert [client.get("/v1/buckets", headers=headers).status_code for headers in (foreign, ours)] == [400, 401]


def test_any_host_will_do_in_development(tmp_path: Path) -> None:
    assert load_settings(public_url=PUBLIC, data_dir=tmp_path).allowed_hosts == frozenset()


@pytest.mark.threat(row=46)
def test_mail_of_production_needs_an_address_for_its_links() -> None:
    with pytest.raises(SettingsError, match="PUBLIC_URL is missing"):
        load_settings(app_setting="production", secret_key=KEY, mail_url="smtp://127.0.0.1:1")
