// A client whose types are made from openapi.json, run against a real server: node client.js http://127.0.0.1:8000
// It compiles under --strict without a cast, so what it does is what the document promises.

import assert from "node:assert/strict";
import createClient, { type Middleware } from "openapi-fetch";
import type { components, paths } from "./generated/schema.js";

type Bucket = components["schemas"]["BucketOut"];
type Page = { next: string | null };

const [, , baseUrl = "http://127.0.0.1:8000"] = process.argv;
const api = createClient<paths>({ baseUrl });

let accessToken: string | undefined;
const signIn: Middleware = {
  onRequest({ request }) {
    if (accessToken) request.headers.set("Authorization", `Bearer ${accessToken}`);
    return request;
  },
};
api.use(signIn);

// --- sign-up ---------------------------------------------------------------------------------------------------------

const email = `client.${Date.now()}@example.org`;
const password = "a lighthouse in the north";
const signedUp = await api.POST("/v1/auth/register", { body: { email, password, name: "Cleo" } });
assert.ok(signedUp.data, JSON.stringify(signedUp.error));
assert.equal(signedUp.data.user.email, email);
assert.equal(signedUp.data.tokenType, "Bearer");
accessToken = signedUp.data.accessToken;

const again = await api.POST("/v1/auth/register", { body: { email, password } });
assert.equal(again.error?.code, "email_taken");

// --- a bucket and an item --------------------------------------------------------------------------------------------

const made = await api.POST("/v1/buckets", { body: { name: "Far away" } });
assert.ok(made.data, JSON.stringify(made.error));
const bucket: Bucket = made.data;
assert.equal(made.response.headers.get("Location"), `/v1/buckets/${bucket.id}`);

const wish = { name: "See the NORTHERN lights", description: "In *February*." };
const added = await api.POST("/v1/buckets/{bucketId}/items", {
  params: { path: { bucketId: bucket.id }, header: { "Idempotency-Key": "lights-1" } },
  body: wish,
});
assert.ok(added.data, JSON.stringify(added.error));
assert.equal(added.data.state, "open");

const retried = await api.POST("/v1/buckets/{bucketId}/items", {
  params: { path: { bucketId: bucket.id }, header: { "Idempotency-Key": "lights-1" } },
  body: wish,
});
assert.equal(retried.data?.id, added.data.id);
assert.equal(retried.response.headers.get("Idempotency-Replayed"), "true");

const etag = added.response.headers.get("ETag");
assert.ok(etag);
const done = await api.PATCH("/v1/items/{itemId}", {
  params: { path: { itemId: added.data.id }, header: { "If-Match": etag } },
  body: { state: "done" },
});
assert.equal(done.data?.state, "done");

const late = await api.PATCH("/v1/items/{itemId}", {
  params: { path: { itemId: added.data.id }, header: { "If-Match": etag } },
  body: { state: "open" },
});
assert.equal(late.error?.code, "precondition_failed");

const counted = await api.GET("/v1/buckets/{bucketId}", { params: { path: { bucketId: bucket.id } } });
assert.deepEqual([counted.data?.itemCount, counted.data?.doneCount], [1, 1]);

// --- search ----------------------------------------------------------------------------------------------------------

const found = await api.GET("/v1/items", { params: { query: { q: "northern" } } });
assert.deepEqual(found.data?.items.map((item) => item.id), [added.data.id]);

const nothing = await api.GET("/v1/items", { params: { query: { q: "100%" } } });
assert.deepEqual([nothing.data?.count, nothing.data?.items.length], [0, 0]);

// --- all pages -------------------------------------------------------------------------------------------------------

for (let number = 1; number < 25; number += 1) {
  const { error } = await api.POST("/v1/buckets", { body: { name: `Bucket ${number}` } });
  assert.equal(error, undefined);
}

const cursorOf = ({ next }: Page): string | null => next && new URL(next, baseUrl).searchParams.get("cursor");
const names = new Set<string>();
let pages = 0;
for (let cursor: string | null | undefined; cursor !== null; ) {
  const { data, error } = await api.GET("/v1/buckets", {
    params: { query: { limit: 10, sort: "-name", ...(cursor ? { cursor } : {}) } },
  });
  assert.ok(data, JSON.stringify(error));
  assert.equal(data.count, 25);
  for (const { name } of data.buckets) names.add(name);
  pages += 1;
  cursor = cursorOf(data);
}
assert.deepEqual([pages, names.size], [3, 25]);

// --- an error, and the way out ---------------------------------------------------------------------------------------

const refused = await api.POST("/v1/buckets", { body: { name: "" } });
assert.equal(refused.response.status, 422);
assert.equal(refused.error?.errors?.[0]?.pointer, "/name");

const gone = await api.DELETE("/v1/buckets/{bucketId}", { params: { path: { bucketId: bucket.id } } });
assert.equal(gone.response.status, 204);

const out = await api.POST("/v1/auth/logout");
assert.equal(out.response.status, 204);

const after = await api.GET("/v1/users/me");
assert.equal(after.response.status, 401);

console.log("the typed client signed up, made, searched, paged, deleted and signed out");
