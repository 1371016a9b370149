/** Walks a map for ever, one entry at a call: housekeeping that never stops the world. */

export class Rounds<V> {
  readonly #map: Map<string, V>;
  #walk: Iterator<[string, V]>;

  constructor(map: Map<string, V>) {
    this.#map = map;
    this.#walk = map.entries();
  }

  /** Shows the next entry and deletes it when `done` says so. A map's iterator bears changes of the map while it walks. */
  next(done: (value: V) => boolean): void {
    const step = this.#walk.next();
    if (step.done === true) {
      this.#walk = this.#map.entries();
      return;
    }
    const [id, value] = step.value;
    if (done(value)) this.#map.delete(id);
  }
}
