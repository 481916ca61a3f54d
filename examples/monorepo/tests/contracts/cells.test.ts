import { type Cell, Client } from "@cellstate/sdk";
import assert from "node:assert";
import test from "node:test";

const client = new Client(process.env.CELLSTATE_URL ?? "http://127.0.0.1:8080");

test("a stored cell comes back", async () => {
  const cell: Cell = { id: "a1", state: "ready" };
  await client.putCell("a1", cell);
  assert.equal((await client.getCell("a1")).state, "ready");
});

test("a deleted cell is listed no more", async () => {
  await client.deleteCell("a1");
  assert.deepEqual(await client.listCells(), []);
});
