/** Writes metrics as Prometheus text, the way Python's client library lays them out. */

/** One sample: labels in order, and its value. */
export interface Sample {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

export interface Metric {
  readonly name: string;
  readonly kind: "counter" | "gauge";
  readonly help: string;
  readonly samples: readonly Sample[];
}

/** Observations by upper bound. */
export class Histogram {
  readonly #bounds: readonly number[];
  readonly #counts: number[];
  #sum = 0;
  #count = 0;

  constructor(bounds: readonly number[]) {
    this.#bounds = bounds;
    this.#counts = bounds.map(() => 0);
  }

  observe(value: number): void {
    this.#sum += value;
    this.#count += 1;
    for (const [index, bound] of this.#bounds.entries()) if (value <= bound) this.#counts[index] = (this.#counts[index] ?? 0) + 1;
  }

  text(name: string, help: string, labels: Readonly<Record<string, string>>): string {
    const lines = [`# HELP ${name} ${help}`, `# TYPE ${name} histogram`];
    for (const [index, bound] of this.#bounds.entries()) {
      lines.push(line(`${name}_bucket`, { ...labels, le: float(bound) }, this.#counts[index] ?? 0));
    }
    lines.push(line(`${name}_bucket`, { ...labels, le: "+Inf" }, this.#count));
    lines.push(line(`${name}_count`, labels, this.#count), line(`${name}_sum`, labels, this.#sum));
    return lines.join("\n");
  }
}

/** One family; a counter gets its `_created` twin, as that library writes one. */
export function metricText(metric: Metric, createdS: number): string {
  const { name, kind, help, samples } = metric;
  const lines = [`# HELP ${name} ${help}`, `# TYPE ${name} ${kind}`, ...samples.map(({ labels, value }) => line(name, labels, value))];
  if (kind === "gauge") return lines.join("\n");
  const twin = name.replace(/_total$/, "_created");
  lines.push(`# HELP ${twin} ${help}`, `# TYPE ${twin} gauge`, ...samples.map(({ labels }) => line(twin, labels, createdS)));
  return lines.join("\n");
}

function line(name: string, labels: Readonly<Record<string, string>>, value: number): string {
  const names = Object.keys(labels).sort();
  const shown = names.map((label) => `${label}="${escape(labels[label] ?? "")}"`).join(",");
  return `${name}${shown === "" ? "" : `{${shown}}`} ${float(value)}`;
}

function escape(text: string): string {
  return text.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n");
}

function float(value: number): string {
  return Number.isInteger(value) ? value.toFixed(1) : String(value);
}
