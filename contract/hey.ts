// The client that @hey-api/openapi-ts makes of openapi.json, run against a real server: node hey-js/hey.js http://127.0.0.1:8000

import assert from "node:assert/strict";
import { changeItem, createBucket, createItem, listItems, register } from "./generated/hey/sdk.gen";
import { client } from "./generated/hey/client.gen";

const [, , baseUrl = "http://127.0.0.1:8000"] = process.argv;
client.setConfig({ baseUrl });

async function main(): Promise<void> {
  const email = `hey.${Date.now()}@example.org`;
  const signedUp = await register({ body: { email, password: "a lighthouse in the north" } });
  assert.ok(signedUp.data, JSON.stringify(signedUp.error));
  client.setConfig({ baseUrl, auth: signedUp.data.accessToken });

  const bucket = await createBucket({ body: { name: "Far away" } });
  assert.ok(bucket.data, JSON.stringify(bucket.error));
  const item = await createItem({ path: { bucketId: bucket.data.id }, body: { name: "See the northern lights" } });
  assert.ok(item.data, JSON.stringify(item.error));
  const done = await changeItem({ path: { itemId: item.data.id }, body: { state: "done" } });
  assert.equal(done.data?.state, "done");

  const found = await listItems({ query: { q: "northern", limit: 5 } });
  assert.deepEqual(found.data?.items.map((one) => one.id), [item.data.id]);
  const refused = await createBucket({ body: { name: "" } });
  assert.equal(refused.error?.code, "validation");
}

main().catch((reason: unknown) => {
  console.error(reason);
  process.exitCode = 1;
});
