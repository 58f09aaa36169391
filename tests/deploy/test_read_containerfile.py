"""F22: what the Containerfile promises of the container image: not root, one volume, locked packages, a pinned base."""

import re
from fnmatch import fnmatch

import pytest

from bucketlist.config import Settings
from tests.deploy.containerfile import BUILD, IMAGE, ROOT


def test_f22_the_image_runs_as_somebody_who_is_not_root_and_keeps_all_in_one_volume() -> None:
    assert re.fullmatch(r"[1-9]\d*:[1-9]\d*", IMAGE.last("USER"))
    assert [rest for word, rest in IMAGE.steps if word == "VOLUME"] == ["/data"]
    assert IMAGE.pairs("ENV")["DATA_DIR"] == "/data"


def test_f22_the_image_tells_what_it_is_and_asks_for_its_own_health() -> None:
    labels = {name.rpartition(".")[2] for name in IMAGE.pairs("LABEL")}

    assert {"title", "description", "licenses"} <= labels
    assert IMAGE.words("HEALTHCHECK") == ["bucketlist", "health"]
    assert IMAGE.words("ENTRYPOINT") + IMAGE.words("CMD") == ["bucketlist", "serve"]


def test_f22_the_base_is_pinned_to_the_last_figure() -> None:
    assert re.fullmatch(r"docker\.io/library/python:3\.\d+\.\d+-slim-\w+ AS build", BUILD.base)


@pytest.mark.threat(row=51)
def test_f22_all_that_is_installed_is_locked_with_hashes_or_lies_here() -> None:
    installs = [line for word, rest in BUILD.steps if word == "RUN" for line in rest.split("&&") if " install " in line]

    assert len(installs) == 3
    assert [line for line in installs if "--no-deps" not in line] == []
    assert [line for line in installs if not {"--require-hashes", "--no-index"} & set(line.split())] == []


def test_f22_settings_of_the_image_exist() -> None:
    known = {name.upper() for name in Settings.model_fields}

    assert IMAGE.pairs("ENV").keys() - known == {"PATH", "LANG", "SSL_CERT_FILE"}


def test_f22_what_is_copied_is_all_that_the_builder_is_sent() -> None:
    lines = (ROOT / ".containerignore").read_text().splitlines()
    sent = {line[1:] for line in lines if line.startswith("!")}

    copied = {source for word, rest in BUILD.steps if word == "COPY" for source in rest.split()[:-1]}

    assert "*" in lines
    assert copied == sent
    assert not any(fnmatch(name, "*.env") for name in sent)


@pytest.mark.parametrize("name", ["compose.yaml", "compose.postgres.yaml"])
def test_f22_compose_takes_images_by_their_version_and_gives_bucketlist_nothing_to_write_but_data(name: str) -> None:
    services = re.split(r"^  (?=\w+:)", (ROOT / "deploy" / name).read_text(), flags=re.MULTILINE)
    ours = [text for text in services if re.search(r"image: bucketlist$", text, re.MULTILINE)]
    others = set(re.findall(r"image: (\S+/.*)", "".join(services)))

    assert [image for image in others if not re.search(r":\d+\.\d+", image)] == []
    assert [text for text in ours if "read_only: true" not in text or '["data:/data"]' not in text] == []


def test_f22_the_hosted_workflow_starts_the_image_of_each_platform() -> None:
    workflow = (ROOT / ".github" / "workflows" / "image.yml").read_text()

    assert re.findall(r"platform: (linux/\w+)", workflow) == ["linux/amd64", "linux/arm64"]
    assert "run: bash .github/start-image.sh bucketlist" in workflow
