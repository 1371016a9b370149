/** One fdatasync at a time; whatever is written while it runs waits together for the next one. */
import { closeSync, fdatasyncSync } from "node:fs";
import type { Disk } from "./disk.ts";

const DONE: Promise<void> = Promise.resolve();

export class GroupSync {
  readonly #disk: Disk;
  #running: PromiseWithResolvers<void> | undefined;
  #next: PromiseWithResolvers<void> | undefined;
  #fd = -1;
  /** Files replaced while a sync of theirs ran; closed when it ends. */
  #retired: number[] = [];
  #failure: Error | undefined;

  constructor(disk: Disk) {
    this.#disk = disk;
  }

  /** Set for good once a sync failed: nobody knows what of the file is on the disk, so nothing may be promised any more. */
  get failure(): Error | undefined {
    return this.#failure;
  }

  /** Resolves when everything written to fd before this call is on the disk. */
  request(fd: number): Promise<void> {
    if (this.#failure !== undefined) return Promise.reject(this.#failure);
    this.#fd = fd;
    if (this.#next === undefined) {
      this.#next = Promise.withResolvers();
      this.#next.promise.catch(ignore);
    }
    const { promise } = this.#next;
    if (this.#running === undefined) this.#start();
    return promise;
  }

  /** Resolves when nothing written so far waits for the disk. */
  settled(): Promise<void> {
    if (this.#failure !== undefined) return Promise.reject(this.#failure);
    return (this.#next ?? this.#running)?.promise ?? DONE;
  }

  /** Syncs a file for the last time and closes it as soon as no call uses it. Blocks; once per segment. */
  retire(fd: number): void {
    try {
      fdatasyncSync(fd);
    } catch (failure) {
      this.#failure = failure instanceof Error ? failure : new Error(String(failure));
      throw failure;
    }
    if (this.#running === undefined) closeSync(fd);
    else this.#retired.push(fd);
  }

  #start(): void {
    this.#running = this.#next;
    this.#next = undefined;
    this.#disk.datasync(this.#fd, (failure) => {
      this.#finished(failure);
    });
  }

  #finished(failure: Error | null): void {
    const done = this.#running;
    this.#running = undefined;
    for (const fd of this.#retired.splice(0)) closeSync(fd);
    if (failure !== null) {
      this.#failure = failure;
      done?.reject(failure);
      this.#next?.reject(failure);
      this.#next = undefined;
      return;
    }
    done?.resolve();
    if (this.#next !== undefined) this.#start();
  }
}

/** Each waiter gets the failure through its own promise; a sync nobody waits for must not end the process. */
function ignore(): void {
  return undefined;
}
