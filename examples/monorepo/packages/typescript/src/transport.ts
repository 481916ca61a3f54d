// How the generated client speaks to a server.
export class CellstateError extends Error {}

export class Transport {
  readonly url: string;

  constructor(url: string) {
    this.url = url;
  }

  protected async send<T>(method: string, path: string, body?: unknown): Promise<T> {
    const response = await fetch(this.url + path, { method, body: JSON.stringify(body) });
    if (!response.ok) {
      throw new CellstateError(`${method} ${path}: ${response.status}`);
    }
    return (response.status === 204 ? undefined : await response.json()) as T;
  }
}
