/**
 * A request as the platform brings it. Host and address are the platform's own word: it ended the connection, routed by the host name and
 * overwrites the address header, so no proxy has to be believed.
 */
import type { Arrival } from "../../ports.ts";
import type { IsolateBodies } from "./bodies.ts";
import { WebExit } from "./exit.ts";

/** Where the parts of an absolute URL lie. */
interface Places {
  readonly path: number;
  readonly query: number;
}

export class WebArrival implements Arrival {
  readonly exit: WebExit;
  readonly #request: Request;
  readonly #bodies: IsolateBodies;
  readonly #places: Places;

  constructor(request: Request, bodies: IsolateBodies) {
    this.exit = new WebExit(request.signal);
    this.#request = request;
    this.#bodies = bodies;
    this.#places = placesIn(request.url);
  }

  get method(): string {
    return this.#request.method;
  }

  get path(): string {
    return this.#request.url.slice(this.#places.path, this.#places.query);
  }

  get query(): URLSearchParams {
    return new URLSearchParams(this.#request.url.slice(this.#places.query));
  }

  get host(): string {
    const { url } = this.#request;
    return url.slice(url.indexOf("//") + 2, this.#places.path).toLowerCase();
  }

  get address(): string {
    return this.#request.headers.get("cf-connecting-ip") ?? "";
  }

  header(name: string): string | undefined {
    return this.#request.headers.get(name) ?? undefined;
  }

  /** The platform joins values under one name; two credentials in one are none, and are refused as such. */
  values(name: string): readonly string[] {
    const value = this.#request.headers.get(name);
    return value === null ? [] : [value];
  }

  body(bytesMax: number): Promise<Buffer> {
    return this.#bodies.read(this.#request, bytesMax);
  }
}

function placesIn(url: string): Places {
  const path = url.indexOf("/", url.indexOf("//") + 2);
  const query = url.indexOf("?", path);
  return { path, query: query < 0 ? url.length : query };
}
