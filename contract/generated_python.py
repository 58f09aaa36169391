"""Run by `make check-contract` with what two generators have made of openapi.json: python generated_python.py URL

bucketlist_client is openapi-python-client's, models datamodel-code-generator's; both check what they are answered. F21:
an answer with a field more, or an error with a code that came later, breaks neither.
"""

import json
import sys
import time
from typing import Any

import models
from bucketlist_client import AuthenticatedClient, Client
from bucketlist_client.api.auth import register
from bucketlist_client.api.buckets import create_bucket, list_buckets
from bucketlist_client.api.items import change_item, create_item
from bucketlist_client.models import (
    BucketIn,
    BucketOut,
    ItemIn,
    ItemOut,
    ItemPatch,
    Problem,
    RegisterIn,
    State,
    TokenPair,
)


def main(url: str) -> None:
    email = f"generated.{time.time_ns()}@example.org"
    pair = register.sync(
        client=Client(base_url=url), body=RegisterIn(email=email, password="a lighthouse in the north")
    )
    assert isinstance(pair, TokenPair), pair
    client = AuthenticatedClient(base_url=url, token=pair.access_token)

    bucket = create_bucket.sync(client=client, body=BucketIn(name="Far away"))
    assert isinstance(bucket, BucketOut), bucket
    item = create_item.sync(bucket.id, client=client, body=ItemIn(name="See the northern lights"))
    assert isinstance(item, ItemOut), item
    done = change_item.sync(item.id, client=client, body=ItemPatch(state=State.DONE))
    assert isinstance(done, ItemOut), done
    refused = create_bucket.sync(client=client, body=BucketIn(name=""))
    assert isinstance(refused, Problem), refused
    assert refused.code == "validation", refused

    answered = json.loads(list_buckets.sync_detailed(client=client).content)
    live_through_growth(answered, refused.to_dict())


def live_through_growth(page: dict[str, Any], problem: dict[str, Any]) -> None:
    page = {**page, "more": 1, "buckets": [{**bucket, "more": {"and": "more"}} for bucket in page["buckets"]]}
    problem = {**problem, "code": "invented_later", "more": [1]}
    problem["errors"] = [{**error, "code": "invented_later", "more": 1} for error in problem["errors"]]

    assert models.BucketPage.model_validate(page).buckets[0].name == "Far away"
    assert BucketOut.from_dict(page["buckets"][0]).name == "Far away"
    assert models.Problem.model_validate(problem).status == Problem.from_dict(problem).status


if __name__ == "__main__":
    main(sys.argv[1])
