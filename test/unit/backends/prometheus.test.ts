import { describe, expect, it } from "vitest";
import { largest, samples, total } from "../../../src/backends/prometheus.ts";
import { vllmTranscript } from "../../fixtures/engines/read.ts";

describe("samples", () => {
  it("takes exactly the metric asked for", () => {
    const page = 'a_total 1\na{x="1"} 2\nab 3\n# a 4\nba 5\na 6';
    expect(samples(page, "a")).toEqual([
      { labels: 'x="1"', value: 2 },
      { labels: "", value: 6 },
    ]);
  });

  it("finds it on the first line and the last", () => {
    expect(samples("a 1", "a")).toEqual([{ labels: "", value: 1 }]);
    expect(samples("b 0\na 1", "a")).toEqual([{ labels: "", value: 1 }]);
  });

  it("is not fooled by braces and quotes in label values, nor by timestamps", () => {
    const page = 'a{m="}{ \\" b 9"} 2 1700000000000\n';
    expect(samples(page, "a")).toEqual([{ labels: 'm="}{ \\" b 9"', value: 2 }]);
  });

  it.each(["NaN", "+Inf", "", "x", "1e999"])("leaves out the value '%s'", (value) => {
    expect(samples(`a ${value}\na 1\n`, "a")).toEqual([{ labels: "", value: 1 }]);
  });

  it("leaves out a line that breaks off within its labels", () => {
    expect(samples('a{m="x\na 1\n', "a")).toEqual([{ labels: "", value: 1 }]);
  });
});

describe("a recorded page", () => {
  const page = vllmTranscript("a_metrics").body.toString("utf8");

  it("gives vLLM's numbers and not those whose names go on", () => {
    expect(samples(page, "vllm:num_requests_waiting")).toEqual([{ labels: 'engine="0",model_name="tiny-llama"', value: 0 }]);
    expect(total(page, "vllm:num_requests_running")).toBe(0);
    expect(total(page, "vllm:nothing")).toBeUndefined();
  });
});

describe("several series", () => {
  it("add up or give their largest", () => {
    const page = 'a{e="0"} 2\na{e="1"} 3\n';
    expect(total(page, "a")).toBe(5);
    expect(largest(page, "a")).toBe(3);
    expect(largest(page, "b")).toBeUndefined();
  });
});
