import { expect, it } from "vitest";
import { Histogram, metricText } from "../../../src/simulator/prometheus.ts";

it("writes counters with their twin, gauges without, labels in order and escaped", () => {
  const samples = [{ labels: { b: 'x"y', a: "1" }, value: 3 }];
  expect(metricText({ name: "n_total", kind: "counter", help: "H.", samples }, 12.5)).toBe(
    '# HELP n_total H.\n# TYPE n_total counter\nn_total{a="1",b="x\\"y"} 3.0\n# HELP n_created H.\n# TYPE n_created gauge\nn_created{a="1",b="x\\"y"} 12.5',
  );
  expect(metricText({ name: "g", kind: "gauge", help: "H.", samples: [{ labels: {}, value: 0.25 }] }, 0)).toBe(
    "# HELP g H.\n# TYPE g gauge\ng 0.25",
  );
});

it("counts every observation in each bucket that holds it", () => {
  const histogram = new Histogram([1, 2]);
  for (const value of [0.5, 1, 1.5, 9]) histogram.observe(value);
  const text = histogram.text("h", "H.", {});
  expect(text.split("\n").slice(2)).toEqual([
    'h_bucket{le="1.0"} 2.0',
    'h_bucket{le="2.0"} 3.0',
    'h_bucket{le="+Inf"} 4.0',
    "h_count 4.0",
    "h_sum 12.0",
  ]);
});
