/** The three disk calls that can fail while requests run, as a seam: tests make the disk full, slow or broken through it. */
import { fdatasync, ftruncateSync, writeSync } from "node:fs";

export interface Disk {
  /** Writes at the end of the file; returns how many of the bytes went out. */
  write(fd: number, bytes: Buffer): number;
  truncate(fd: number, bytes: number): void;
  datasync(fd: number, then: (failure: Error | null) => void): void;
}

export const NODE_DISK: Disk = {
  write: (fd, bytes) => writeSync(fd, bytes),
  truncate: (fd, bytes) => {
    ftruncateSync(fd, bytes);
  },
  datasync: (fd, then) => {
    fdatasync(fd, then);
  },
};
