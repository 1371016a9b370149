/** All accounts by scope and id; those that no answer depends on any more are dropped bit by bit, so that many keys cost little memory. */
import type { Month } from "../admission/month.ts";
import { BOUNDS } from "../bounds.ts";
import { SCOPES, type Scope } from "../ports.ts";
import { Account } from "./account.ts";
import { Rounds } from "./rounds.ts";

/** Stands for every account that has none yet. Never counted on. */
const BLANK = new Account();

/** The accounts of one scope. */
class Shelf {
  readonly accounts = new Map<string, Account>();
  readonly rounds = new Rounds(this.accounts);
}

export class Accounts {
  readonly #shelves: Readonly<Record<Scope, Shelf>> = { key: new Shelf(), project: new Shelf(), tenant: new Shelf(), msp: new Shelf() };
  #nowMs = 0;
  #oldestMonth: Month = 0;
  #turn = 0;

  /** The account as it stands, for reading; asking creates none. */
  see(scope: Scope, id: string): Account {
    return this.#shelves[scope].accounts.get(id) ?? BLANK;
  }

  /** The account to count on. */
  of(scope: Scope, id: string): Account {
    const shelf = this.#shelves[scope];
    const known = shelf.accounts.get(id);
    if (known !== undefined) return known;
    for (let looked = 0; looked < BOUNDS.accountsTidiedPerNew; looked += 1) this.#tidy(shelf);
    const account = new Account();
    shelf.accounts.set(id, account);
    return account;
  }

  /** Tells the time, and looks over one account of the next scope. Months before `oldestMonth` are of no use any more. */
  tick(nowMs: number, oldestMonth: Month): void {
    this.#nowMs = nowMs;
    this.#oldestMonth = oldestMonth;
    this.#turn = (this.#turn + 1) % SCOPES.length;
    const scope = SCOPES[this.#turn];
    if (scope !== undefined) this.#tidy(this.#shelves[scope]);
  }

  get size(): number {
    return SCOPES.reduce((sum, scope) => sum + this.#shelves[scope].accounts.size, 0);
  }

  #tidy(shelf: Shelf): void {
    shelf.rounds.next((account) => account.tidy(this.#nowMs, this.#oldestMonth));
  }
}
