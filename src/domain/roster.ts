/**
 * Things that come and go by the thousand, in no order. A Set or Map is the wrong house for them: V8 makes a new table after so many comings
 * and goings, the dead one points to its successor, and once one dead table is old it keeps all later ones, with everything that stood in
 * them, from young-generation collections. Here is one array, and each member knows its place in it.
 */

export interface Enrolled {
  /** Kept by the roster alone; -1: in none. */
  place: number;
}

export class Roster<T extends Enrolled> {
  readonly #members: T[] = [];

  get size(): number {
    return this.#members.length;
  }

  add(member: T): void {
    member.place = this.#members.length;
    this.#members.push(member);
  }

  /** False: it was not in. */
  delete(member: T): boolean {
    const { place } = member;
    if (this.#members[place] !== member) return false;
    const last = this.#members.pop();
    if (last !== undefined && last !== member) {
      this.#members[place] = last;
      last.place = place;
    }
    member.place = -1;
    return true;
  }

  /** From the end, so that whoever is shown may be deleted meanwhile; a newcomer is not shown. */
  forEach(show: (member: T) => void): void {
    for (let at = this.#members.length - 1; at >= 0; at--) {
      const member = this.#members[at];
      if (member !== undefined) show(member);
    }
  }
}
