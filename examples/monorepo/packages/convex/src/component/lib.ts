import { type Cell, CellstateError, Client } from "@cellstate/sdk";

/** The state of a cell, or null where there is no such cell. */
export async function readState(client: Client, id: string): Promise<string | null> {
  try {
    const cell: Cell = await client.getCell(id);
    return cell.state;
  } catch (error) {
    if (error instanceof CellstateError) {
      return null;
    }
    throw error;
  }
}

export async function writeState(client: Client, id: string, state: string): Promise<void> {
  await client.putCell(id, { id, state });
}
