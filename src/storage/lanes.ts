/** Where several processes over one data folder keep their journals: a lane each, with a lock that lasts as long as its process. */
import { existsSync, mkdirSync, readdirSync } from "node:fs";
import { join } from "node:path";

const NAME = /^\d{1,3}$/;

/** The folder of one lane, from 1; its journal lies below. The journal of a process that is alone is lane 0, the data folder itself. */
export function laneFolder(dir: string, lane: number): string {
  return lane === 0 ? dir : join(dir, "lanes", String(lane));
}

export function makeLane(dir: string, lane: number): string {
  const folder = laneFolder(dir, lane);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  return folder;
}

/** Lanes that have ever been written in, ascending, without lane 0. */
export function listLanes(dir: string): number[] {
  const folder = join(dir, "lanes");
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((name) => NAME.test(name))
    .map(Number)
    .sort((a, b) => a - b);
}
