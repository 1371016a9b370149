import { describe, expect, it } from "vitest";
import { declared, SOUND, told } from "../sample.ts";

const otlp = (fields: string): string => `${SOUND}telemetry: { otlp: { endpoint: "https://collector.example:4318/", ${fields} } }\n`;

describe("telemetry.otlp", () => {
  it("is nothing where nothing is named", () => {
    expect("exporter" in declared(SOUND)).toBe(false);
    expect("exporter" in declared(`${SOUND}telemetry: {}\n`)).toBe(false);
  });

  it("stands where its site stands, and what is stated of it wins", () => {
    const { exporter } = declared(
      otlp(
        "site: fra, facts: { location.logs: [DE] }, certificates: [{ code: ISO27001 }], traces: { ratio: 0.1 }, metrics: { interval_ms: 5000 }",
      ),
    );
    expect(exporter).toMatchObject({
      endpoint: "https://collector.example:4318",
      standing: { site: "fra", operator: "acme" },
      serviceName: "bailiwick",
      tracesRatio: 0.1,
      metricsIntervalMs: 5_000,
    });
    expect([...(exporter?.facts.facts.keys() ?? [])]).toEqual([
      "operator.country",
      "operator.parents",
      "location.country",
      "location.logs",
    ]);
    expect(exporter?.facts.certificates.map(({ code }) => code)).toEqual(["ISO27001"]);
  });

  it("stands nowhere by default, although only one site is declared", () => {
    const { exporter } = declared(otlp(""));
    expect([exporter?.standing, exporter?.facts.facts.size, exporter?.tracesRatio, exporter?.metricsIntervalMs]).toEqual([
      undefined,
      0,
      1,
      60_000,
    ]);
  });

  it("reads its headers from where secrets are kept", () => {
    const text = otlp("headers: { authorization: { env: AUTH }, x-scope: { file: scope } }");
    expect([...(declared(text, { env: { AUTH: "Basic eA==" }, files: { scope: "s1\n" } }).exporter?.headers ?? [])]).toEqual([
      ["authorization", "Basic eA=="],
      ["x-scope", "s1"],
    ]);
    expect(told(text, { env: { AUTH: " Basic" }, files: { scope: "a\nb" } })).toEqual([
      "telemetry.otlp.headers.authorization.env: the secret holds characters that no header may carry",
      "telemetry.otlp.headers.x-scope.file: the secret holds characters that no header may carry",
    ]);
    expect(told(text, { files: { scope: "s" } })).toEqual([
      "telemetry.otlp.headers.authorization.env: environment variable AUTH is not set",
    ]);
  });

  it("names a site that is declared, and states no fact of place twice", () => {
    expect(told(otlp("site: far"))).toEqual(['telemetry.otlp.site: there is no site "far"']);
    expect(told(otlp("site: fra, facts: { location.country: FR }"))).toEqual([
      'telemetry.otlp.facts["location.country"]: location.country is stated by sites.fra.country already',
    ]);
  });
});
