import { Client } from "@cellstate/sdk";
import test from "node:test";

const client = new Client(process.env.CELLSTATE_URL ?? "http://127.0.0.1:8080");

test("a server that is up says so", async () => {
  await client.checkHealth();
});
