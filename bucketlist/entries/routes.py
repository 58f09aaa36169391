"""HTTP routes of entries."""

from flask import Response

from bucketlist.auth.guard import actor, requires_scope
from bucketlist.entries import service
from bucketlist.entries.queries import EntryRow
from bucketlist.entries.schemas import (
    EntryIn,
    EntryOut,
    EntryPage,
    EntryPatch,
    EntryPath,
    EntryPut,
    ItemEntriesPath,
    JournalEntryOut,
    JournalPage,
    JournalQuery,
)
from bucketlist.kit.http.conditional import preconditions, untagged
from bucketlist.kit.http.links import path_to
from bucketlist.kit.http.openapi import CHANGED, CREATED, DELETED, LISTED, READ, ApiBlueprint
from bucketlist.kit.http.requests import JSON, MERGE_PATCH
from bucketlist.kit.http.responses import no_content, page_response, resource_response
from bucketlist.kit.http.route_policy import accepts
from bucketlist.kit.paging import PageQuery
from bucketlist.limits.idempotency import idempotent

blueprint = ApiBlueprint("entries", __name__, about="The story of an item: before, at and after the day.")


def _answer(entry: EntryRow, status: int = 200, location: str | None = None) -> Response:
    return resource_response(EntryOut, entry, service.etag_of(entry), status=status, location=location)


@blueprint.get(
    "/items/<itemId>/entries",
    summary="List the entries of an item",
    responses={200: EntryPage},
    openapi_extensions=LISTED,
)
@requires_scope("read")
def list_item_entries(path: ItemEntriesPath, query: PageQuery) -> Response:
    """By date, the newest first; those without a date come last."""
    return page_response("entries", EntryOut, service.list_item_entries(actor(), path.item_id, query), query)


@blueprint.post(
    "/items/<itemId>/entries", summary="Add an entry to an item", responses={201: EntryOut}, openapi_extensions=CREATED
)
@requires_scope("write")
@untagged
@idempotent
def create_entry(path: ItemEntriesPath, body: EntryIn) -> Response:
    """The one with which an item is done as often as it wants to be makes it `done`, but with `keepState`."""
    entry = service.add_entry(actor(), path.item_id, body)
    return _answer(entry, 201, path_to(f"/v1/entries/{entry.id}"))


@blueprint.get("/entries", summary="Read your journal", responses={200: JournalPage}, openapi_extensions=LISTED)
@requires_scope("read")
def list_entries(query: JournalQuery) -> Response:
    """The entries of all items, by date, the newest first; those without a date come last."""
    return page_response("entries", JournalEntryOut, service.list_journal(actor(), query), query)


@blueprint.get(
    "/entries/<entryId>", summary="Read an entry", responses={200: EntryOut, 304: None}, openapi_extensions=READ
)
@requires_scope("read")
def read_entry(path: EntryPath) -> Response:
    """What happened, when, where and with whom."""
    return _answer(service.get_entry(actor(), path.entry_id))


@blueprint.put("/entries/<entryId>", summary="Replace an entry", responses={200: EntryOut}, openapi_extensions=CHANGED)
@requires_scope("write")
def replace_entry(path: EntryPath, body: EntryPut) -> Response:
    """What is absent is emptied, and it completes its item unless it says else."""
    return _change(path.entry_id, body)


@blueprint.patch("/entries/<entryId>", summary="Change an entry", responses={200: EntryOut}, openapi_extensions=CHANGED)
@requires_scope("write")
@accepts(JSON, MERGE_PATCH)
def change_entry(path: EntryPath, body: EntryPatch) -> Response:
    """What is absent stays as it is (RFC 7396)."""
    return _change(path.entry_id, body)


def _change(entry_id: str, body: EntryPut | EntryPatch) -> Response:
    changes, keep_state = body.model_dump(), body.keep_state
    return _answer(service.change_entry(actor(), entry_id, changes, preconditions(), keep_state=keep_state))


@blueprint.delete("/entries/<entryId>", summary="Delete an entry", responses={204: None}, openapi_extensions=DELETED)
@requires_scope("write")
def delete_entry(path: EntryPath) -> Response:
    """It goes to the trash for 30 days, and counts no more; the state of its item stays what it is."""
    service.delete_entry(actor(), path.entry_id, preconditions())
    return no_content()
