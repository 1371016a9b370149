import { describe, expect, it } from "vitest";
import { answerHeaders, identityHeaders } from "../../../src/openai/headers.ts";
import { REQUEST } from "./fixtures.ts";

describe("headers", () => {
  it("name the request in both spellings", () => {
    expect(identityHeaders(REQUEST)).toEqual(["x-request-id", REQUEST, "request-id", REQUEST]);
  });

  it("forbid caching and buffering of streams alone", () => {
    const headers = (stream: boolean) => answerHeaders({ request: REQUEST, stream, processingMs: 1.6, windows: undefined });
    expect(headers(true)).toContain("no-cache");
    expect(headers(true)).toContain("x-accel-buffering");
    expect(headers(false)).not.toContain("no-cache");
    expect(headers(false).join()).toContain("openai-processing-ms,2");
  });
});
