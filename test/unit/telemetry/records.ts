/** Records as the stages write them, for the log and the metrics. */
import { backendId, modelId, requestId } from "../../../src/domain/ids.ts";
import type { RequestRecord } from "../../../src/ports.ts";
import { principalOf } from "../gate/fixtures.ts";

export const PRINCIPAL = principalOf({}, { msp: "kontor", tenant: "klinik", project: "notes", key: "key_1" });

/** A chat that was served by backend gpu-1. */
export function served(over: Partial<RequestRecord> = {}): RequestRecord {
  return {
    request: requestId("0190".padEnd(32, "a")),
    method: "POST",
    route: "/v1/chat/completions",
    status: 200,
    fault: undefined,
    detail: undefined,
    principal: PRINCIPAL,
    model: modelId("llama"),
    backend: backendId("gpu-1"),
    stream: true,
    outcome: "served",
    usage: { promptTokens: 12, cachedTokens: 4, completionTokens: 30, source: "backend" },
    amount: 180,
    attempts: 1,
    firstByteMs: 40.06,
    durationMs: 1_250.04,
    ...over,
  };
}

/** A request that got nowhere: nobody, nothing asked, nothing used. */
export function refused(over: Partial<RequestRecord> = {}): RequestRecord {
  return served({
    status: 401,
    fault: "invalid_api_key",
    principal: undefined,
    model: undefined,
    backend: undefined,
    outcome: "refused",
    usage: undefined,
    amount: undefined,
    attempts: 0,
    firstByteMs: undefined,
    durationMs: 0.4,
    ...over,
  });
}
