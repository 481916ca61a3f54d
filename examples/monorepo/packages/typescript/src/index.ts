export { Client, type Cell } from "./generated.ts";
export { CellstateError } from "./transport.ts";
