"""Problem type page: the advice on one error, what happened and what to do."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from bucketlist.kit.errors import FieldError


@dataclass(frozen=True, slots=True)
class Advice:
    """What happened, what to do (one sentence or two a step), the address below the
    homepage where more is said; and an example.

    `detail`, `errors` and `headers` belong to the example, where they differ from what the refusal says by itself.
    """

    happened: str
    to_do: tuple[str, ...]
    see: str
    detail: str | None = None
    errors: tuple[FieldError, ...] = ()
    headers: Mapping[str, str] = field(default_factory=dict)
