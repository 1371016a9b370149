import { describe, expect, it } from "vitest";
import { projectId } from "../../../src/domain/ids.ts";
import type { RequestRecord } from "../../../src/ports.ts";
import { AccessLog } from "../../../src/telemetry/access-log.ts";
import { PRINCIPAL, refused, served } from "./records.ts";

function logged(...records: readonly RequestRecord[]): readonly Readonly<Record<string, unknown>>[] {
  const lines: string[] = [];
  const log = new AccessLog({ write: (line) => lines.push(line) }, () => 1_780_000_000_000);
  for (const record of records) log.write(record);
  for (const line of lines) expect(line.indexOf("\n")).toBe(line.length - 1);
  return lines.map((line) => JSON.parse(line));
}

describe("a line of the access log", () => {
  it("says who, what, where, how much and how long", () => {
    expect(logged(served())).toEqual([
      {
        level: "info",
        time: 1_780_000_000_000,
        request: "0190".padEnd(32, "a"),
        method: "POST",
        route: "/v1/chat/completions",
        status: 200,
        outcome: "served",
        msp: "kontor",
        tenant: "klinik",
        project: "notes",
        key: "key_1",
        model: "llama",
        stream: true,
        backend: "gpu-1",
        attempts: 1,
        prompt_tokens: 12,
        cached_tokens: 4,
        completion_tokens: 30,
        usage_source: "backend",
        amount_micro: 180,
        first_byte_ms: 40.1,
        duration_ms: 1_250,
      },
    ]);
  });

  it("leaves out what is not known", () => {
    expect(logged(refused())).toEqual([
      {
        level: "info",
        time: 1_780_000_000_000,
        request: "0190".padEnd(32, "a"),
        method: "POST",
        route: "/v1/chat/completions",
        status: 401,
        outcome: "refused",
        fault: "invalid_api_key",
        duration_ms: 0.4,
      },
    ]);
  });

  it("warns of what was our fault", () => {
    const levels = [499, 500, 503].map((status) => logged(refused({ status, fault: "internal" }))[0]?.["level"]);
    expect(levels).toEqual(["info", "warn", "warn"]);
  });

  it("stays one line of JSON whatever a detail or a method holds", () => {
    const odd = 'first\nsecond "quoted" \u2028 \\ \u0000';
    expect(logged(refused({ detail: odd, method: 'GE"T' }))).toMatchObject([{ detail: odd, method: 'GE"T' }]);
  });

  it("writes a principal the same way every time, and tells two apart", () => {
    const other = { ...PRINCIPAL, project: { ...PRINCIPAL.project, id: projectId("letters") } };
    const lines = logged(served(), served(), served({ principal: { ...PRINCIPAL } }), served({ principal: other }));
    expect(lines.map(({ msp, tenant, project, key }) => [msp, tenant, project, key].join("/"))).toEqual([
      "kontor/klinik/notes/key_1",
      "kontor/klinik/notes/key_1",
      "kontor/klinik/notes/key_1",
      "kontor/klinik/letters/key_1",
    ]);
  });

  it("says what was charged, nothing included", () => {
    expect(logged(served({ amount: 0 }), served({ amount: undefined })).map((line) => line["amount_micro"])).toEqual([0, 0]);
  });
});
