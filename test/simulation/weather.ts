/** What happens to the gateway from outside: engines fall ill, the disk fails, configurations change, processes die, somebody sets the clock. */
import { type Agenda, NATURE } from "./agenda.ts";
import type { Chance } from "./chance.ts";
import type { Disk } from "./journal.ts";
import type { Network } from "./network.ts";

/** Where the weather strikes. */
export interface Weather {
  readonly agenda: Agenda;
  readonly chance: Chance;
  readonly disk: Disk;
  readonly network: Network;
  readonly spanMs: number;
  readonly backends: readonly string[];
  reload(): void;
  crash(beforeTurn: boolean): void;
  drain(): void;
  /** The wall clock does not say any more what it said. */
  clockSet(): void;
  note(kind: string, line: string): void;
}

export function bringWeather(weather: Weather): void {
  const chance = weather.chance.fork("weather");
  const { disk, agenda, network, spanMs } = weather;
  disk.writeMsMax = chance.pick([0, 0, 1, 15]);
  const sometime = (most: number, then: () => void): void => {
    const count = chance.between(0, most);
    for (let n = 0; n < count; n += 1) agenda.after(chance.between(50, spanMs), NATURE, then);
  };
  sometime(5, () => weather.reload());
  sometime(10, () => {
    const id = chance.pick(weather.backends);
    network.moods.set(id, chance.weighted({ well: 4, flaky: 5, down: 1, hung: 1.5 }));
    weather.note("moods", `mood ${id} ${String(network.moods.get(id))}`);
  });
  sometime(2, () => spell(weather, "failing", chance.between(1, 2_500)));
  sometime(1, () => spell(weather, "refusing", chance.between(1, 2_500)));
  if (chance.hits(0.5)) sometime(2, () => weather.crash(chance.hits(0.5)));
  if (chance.hits(0.25)) sometime(1, () => weather.drain());
  if (chance.hits(0.3))
    sometime(2, () => {
      agenda.wallOffsetMs += chance.between(-30_000, 30_000);
      weather.clockSet();
    });
  // In the end the sky clears, or nothing could be settled.
  agenda.after(spanMs, NATURE, () => {
    for (const id of weather.backends) if (network.moods.get(id) === "down") network.moods.set(id, "well");
  });
}

function spell({ agenda, disk }: Weather, kind: "failing" | "refusing", ms: number): void {
  disk[kind] = true;
  agenda.after(ms, NATURE, () => void (disk[kind] = false));
}
