/** A finished request as OpenTelemetry's spans: one of the request, and one inside it for each attempt at a backend. */
import { type Attributes, type HrTime, type SpanContext, SpanKind, SpanStatusCode, TraceFlags } from "@opentelemetry/api";
import type { Resource } from "@opentelemetry/resources";
import type { ReadableSpan } from "@opentelemetry/sdk-trace";
import { commonAttributes, errorType, OPERATION_OF } from "./conventions.ts";
import type { Finished, FollowedAttempt } from "./followed.ts";

export interface SpanMakers {
  readonly resource: Resource;
  readonly scope: ReadableSpan["instrumentationScope"];
  /** 16 lower-case hex digits. */
  readonly spanId: () => string;
}

/** The request's own span comes last. */
export function spansOf(request: Finished, makers: SpanMakers): ReadableSpan[] {
  const { record, parent, alias, wire, atMs } = request;
  // The request's own id is the trace's, unless the caller has a trace: then the one leads to the other by an attribute.
  const traceId = parent?.traceId ?? record.request;
  const context = contextOf(traceId, makers.spanId());
  const own = spanOf(
    {
      name: alias === undefined ? OPERATION_OF[wire] : `${OPERATION_OF[wire]} ${alias}`,
      kind: SpanKind.SERVER,
      context,
      parent: parent === undefined ? undefined : { ...contextOf(traceId, parent.spanId), isRemote: true },
      fromMs: atMs,
      toMs: atMs + record.durationMs,
      // To a server a caller's mistake is no failure.
      failed: record.status >= 500 || record.outcome === "failed",
      attributes: attributesOf(request),
    },
    makers,
  );
  return [...request.attempts.map((attempt) => attemptSpan(attempt, { request, context, makers })), own];
}

function attributesOf(request: Finished): Attributes {
  const { record } = request;
  const { usage, firstByteMs, stream } = record;
  const error = errorType(request);
  return {
    ...commonAttributes(request),
    "gen_ai.request.stream": stream,
    "http.request.method": record.method,
    "http.route": record.route,
    "http.response.status_code": record.status,
    "gateway.request.id": record.request,
    "gateway.outcome": record.outcome,
    ...(error === undefined ? {} : { "error.type": error }),
    ...(stream && firstByteMs !== undefined ? { "gen_ai.response.time_to_first_chunk": firstByteMs / 1000 } : {}),
    ...(usage === undefined || usage.source === "none"
      ? {}
      : {
          "gen_ai.usage.input_tokens": usage.promptTokens,
          "gen_ai.usage.output_tokens": usage.completionTokens,
          "gen_ai.usage.cache_read.input_tokens": usage.cachedTokens,
        }),
  };
}

interface Within {
  readonly request: Finished;
  readonly context: SpanContext;
  readonly makers: SpanMakers;
}

function attemptSpan({ backend, startedMs, endedMs, failure }: FollowedAttempt, { request, context, makers }: Within): ReadableSpan {
  const { record, wire, atMs } = request;
  const served = record.model === undefined ? undefined : backend.models.get(record.model)?.servedName;
  return spanOf(
    {
      name: served === undefined ? OPERATION_OF[wire] : `${OPERATION_OF[wire]} ${served}`,
      kind: SpanKind.CLIENT,
      context: contextOf(context.traceId, makers.spanId()),
      parent: context,
      fromMs: atMs + startedMs - request.startedMs,
      toMs: endedMs === undefined ? atMs + record.durationMs : atMs + endedMs - request.startedMs,
      failed: failure !== undefined,
      attributes: {
        "gen_ai.operation.name": OPERATION_OF[wire],
        "gen_ai.provider.name": backend.engine,
        ...(served === undefined ? {} : { "gen_ai.request.model": served }),
        // Its address is the operator's own: the name by which it is declared is enough to find it.
        "gateway.backend": backend.id,
        ...(failure === undefined ? {} : { "error.type": failure.fault.fault }),
      },
    },
    makers,
  );
}

function contextOf(traceId: string, spanId: string): SpanContext {
  return { traceId, spanId, traceFlags: TraceFlags.SAMPLED };
}

interface Parts {
  readonly name: string;
  readonly kind: SpanKind;
  readonly context: SpanContext;
  readonly parent: SpanContext | undefined;
  /** Unix milliseconds. */
  readonly fromMs: number;
  readonly toMs: number;
  readonly failed: boolean;
  readonly attributes: Attributes;
}

function spanOf({ name, kind, context, parent, fromMs, toMs, failed, attributes }: Parts, { resource, scope }: SpanMakers): ReadableSpan {
  return {
    name,
    kind,
    spanContext: () => context,
    ...(parent === undefined ? {} : { parentSpanContext: parent }),
    startTime: hrTime(fromMs),
    endTime: hrTime(Math.max(fromMs, toMs)),
    duration: hrTime(Math.max(0, toMs - fromMs)),
    status: { code: failed ? SpanStatusCode.ERROR : SpanStatusCode.UNSET },
    attributes,
    links: [],
    events: [],
    ended: true,
    resource,
    instrumentationScope: scope,
    droppedAttributesCount: 0,
    droppedEventsCount: 0,
    droppedLinksCount: 0,
  };
}

/** Whole seconds and nanoseconds of a time in milliseconds. */
function hrTime(ms: number): HrTime {
  const seconds = Math.floor(ms / 1000);
  return [seconds, Math.floor((ms - seconds * 1000) * 1e6)];
}
