"""Response schemas of history."""

from collections.abc import Sequence
from typing import Annotated, Any, Literal

from pydantic import Field
from pydantic_core import from_json

from bucketlist.kit.schemas import Answer, Instant, OwnId, page_of

HistoryAction = Annotated[Literal["created", "changed", "deleted", "restored"], Field(title="HistoryAction")]


class FieldChange(Answer):
    field: str = Field(description="As it is called in the item.", examples=["name"])
    from_: Any = Field(alias="from", description="What it was, as an item was answered then.", examples=["Lights"])
    to: Any = Field(description="What it became.", examples=["See the northern lights"])


class HistoryOut(Answer):
    action: HistoryAction = Field(examples=["changed"])
    at: Instant
    session_id: OwnId | None = Field(description="Of the person’s session that did it.")
    token_id: OwnId | None = Field(description="Of the personal token that did it.", examples=[None])
    fields: list[FieldChange] = Field(
        description="What changed; empty where many things changed at once, as by a new order."
    )

    @classmethod
    def to_json_object(cls, row: Sequence[Any]) -> dict[str, Any]:
        """A row of the change log, behind an id, as what is written as JSON."""
        _, action, at, session_id, by_token, fields, *_ = row
        told = from_json(fields) if fields else {}
        return {
            "action": action,
            "at": at,
            "sessionId": None if by_token else session_id,
            "tokenId": session_id if by_token else None,
            "fields": [{"field": name, "from": was, "to": is_now} for name, (was, is_now) in told.items()],
        }


HistoryPage = page_of("history", HistoryOut)
