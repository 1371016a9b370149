/**
 * Everything that can go wrong with a request, as one closed table: code -> status, OpenAI `type`, public text, retryable.
 * Only the public text reaches a caller; `detail` is for the operator's log. A broken invariant is no fault: it is a plain Error, loud, 500.
 */

export interface FaultKind {
  readonly status: number;
  /** OpenAI's `error.type`. */
  readonly type:
    "invalid_request_error" | "permission_error" | "rate_limit_error" | "insufficient_quota" | "requests" | "tokens" | "server_error";
  /** OpenAI's `error.code`; null where OpenAI has null. */
  readonly code: string | null;
  /** May be replaced by a more exact public text when thrown. */
  readonly text: string;
  /** Sent as `x-should-retry`; undefined leaves it to the SDK. */
  readonly shouldRetry: boolean | undefined;
}

const bad = (code: string | null, text: string, status = 400): FaultKind => ({
  status,
  type: "invalid_request_error",
  code,
  text,
  shouldRetry: undefined,
});
const server = (status: number, code: string | null, text: string): FaultKind => ({
  status,
  type: "server_error",
  code,
  text,
  shouldRetry: undefined,
});

export const FAULTS = {
  // the request itself
  invalid_json: bad(null, "We could not parse the JSON body of your request."),
  invalid_utf8: bad(null, "The body of your request is not valid UTF-8."),
  unsupported_encoding: bad(
    "unsupported_content_encoding",
    "Send the body without content-encoding: compressed request bodies are not accepted.",
    415,
  ),
  unsupported_media_type: bad("unsupported_media_type", "Send the body as content-type: application/json.", 415),
  body_too_large: bad("request_too_large", "The request body is too large.", 413),
  body_timeout: bad("request_timeout", "The request body did not arrive in time.", 408),
  expectation_failed: bad("expectation_failed", "The Expect header asks for what is not offered here: only 100-continue is.", 417),
  headers_too_large: bad("headers_too_large", "The request headers are too large.", 431),
  missing_parameter: bad("missing_required_parameter", "A required parameter is missing."),
  invalid_type: bad("invalid_type", "A parameter has the wrong type."),
  invalid_value: bad("invalid_value", "A parameter has an invalid value."),
  duplicate_parameter: bad("duplicate_parameter", "A parameter was given twice."),
  unsupported_parameter: bad("unsupported_parameter", "A parameter is not supported by this model."),
  above_max: bad("integer_above_max_value", "A parameter is above its maximum."),
  below_min: bad("integer_below_min_value", "A parameter is below its minimum."),
  decimal_above_max: bad("decimal_above_max_value", "A parameter is above its maximum."),
  decimal_below_min: bad("decimal_below_min_value", "A parameter is below its minimum."),
  array_too_long: bad("array_above_max_length", "An array is too long."),
  empty_array: bad("empty_array", "An array must not be empty."),
  context_length_exceeded: bad("context_length_exceeded", "The request is longer than the model's maximum context length."),
  idempotency_key_reused: bad("idempotency_key_reused", "This Idempotency-Key was used with a different request body."),
  idempotency_key_invalid: bad("idempotency_key_invalid", "An Idempotency-Key is 1 to 255 printable ASCII characters."),
  idempotency_completed: {
    ...bad("idempotency_completed", "A request with this Idempotency-Key has completed; its answer is not stored.", 409),
    shouldRetry: false,
  },
  conflicting_credentials: bad("conflicting_credentials", "Two different credentials were sent. Send one."),
  engine_refused: bad(null, "The model refused the request."),
  // who
  missing_key: bad(null, "You didn't provide an API key. Provide it in an Authorization header: Authorization: Bearer YOUR_KEY.", 401),
  invalid_api_key: bad("invalid_api_key", "Incorrect API key provided.", 401),
  address_not_allowed: bad("ip_not_authorized", "Your address is not allowed for this API key.", 401),
  // where
  unknown_host: bad("unknown_host", "No service answers under this host name. Check your base URL.", 421),
  wrong_cell: bad("wrong_cell", "This endpoint may not handle your requests. Use a base URL of your provider in a permitted place.", 421),
  unknown_route: bad(null, "Unknown request URL.", 404),
  method_not_allowed: bad("method_not_supported", "This method is not allowed here.", 405),
  model_not_found: bad("model_not_found", "The model does not exist or you do not have access to it.", 404),
  not_found: bad(null, "No such object.", 404),
  not_offered: bad("not_offered", "This endpoint is not offered here yet.", 404),
  previous_response_not_found: bad(
    "previous_response_not_found",
    "Responses are not stored here: leave 'previous_response_id' out and send the whole conversation in 'input'.",
  ),
  // the law
  sov_no_policy: {
    status: 403,
    type: "permission_error",
    code: "SOV_NO_POLICY",
    text: "No policy allows this request.",
    shouldRetry: false,
  },
  sov_no_admissible: {
    status: 403,
    type: "permission_error",
    code: "SOV_NO_ADMISSIBLE",
    text: "No place that your rules permit can serve this model. Nothing was sent.",
    shouldRetry: false,
  },
  sov_bad_header: bad("SOV_BAD_HEADER", "The Sovereignty-Require header could not be read. Nothing was sent."),
  sov_self: {
    status: 403,
    type: "permission_error",
    code: "SOV_SELF",
    text: "Your rules do not permit this gateway to handle your requests. Nothing of the body was read.",
    shouldRetry: false,
  },
  sov_no_healthy: server(
    503,
    "SOV_NO_ADMISSIBLE_HEALTHY",
    "No permitted place can serve this model right now. Nothing was sent outside the permitted set. Retry later.",
  ),
  // how much
  rate_limit_requests: { status: 429, type: "requests", code: "rate_limit_exceeded", text: "Request limit reached.", shouldRetry: true },
  rate_limit_tokens: { status: 429, type: "tokens", code: "rate_limit_exceeded", text: "Token limit reached.", shouldRetry: true },
  rate_limit_concurrency: {
    status: 429,
    type: "requests",
    code: "rate_limit_exceeded",
    text: "Too many requests at the same time.",
    shouldRetry: true,
  },
  rate_limit_generic: {
    status: 429,
    type: "requests",
    code: "rate_limit_exceeded",
    text: "The service is limiting requests right now. Retry later.",
    shouldRetry: true,
  },
  insufficient_quota: {
    status: 429,
    type: "insufficient_quota",
    code: "insufficient_quota",
    text: "The budget is spent or does not cover this request.",
    shouldRetry: false,
  },
  too_many_attempts: {
    status: 429,
    type: "requests",
    code: "too_many_failed_attempts",
    text: "Too many failed attempts from your address. Wait a minute.",
    shouldRetry: true,
  },
  // us and the engines
  engine_failed: server(502, "engine_failed", "The model failed to answer. Retry."),
  engine_unreachable: server(502, "engine_unreachable", "The model could not be reached. Retry."),
  engine_timeout: server(504, "engine_timeout", "The model did not answer in time. Retry."),
  engine_overloaded: server(503, "engine_overloaded", "The model is overloaded. Retry later."),
  draining: server(503, "shutting_down", "This server is shutting down. Retry."),
  overloaded: server(503, "overloaded", "This server is overloaded. Retry later."),
  ledger_unavailable: server(503, "ledger_unavailable", "The service cannot account for requests right now. Retry later."),
  internal: server(500, "internal_error", "The server had an error while processing your request."),
} as const satisfies Record<string, FaultKind>;

export type FaultName = keyof typeof FAULTS;

export interface FaultOptions {
  /** Public text instead of the table's. Must name nothing that the caller may not know. */
  readonly text?: string;
  /** OpenAI's `param`: a JSON path such as `messages[0].role`. */
  readonly param?: string;
  /** Sent as `retry-after` (whole seconds, at least 1) and `retry-after-ms`. */
  readonly retryAfterMs?: number;
  /** For the operator's log only. */
  readonly detail?: string;
  /** More members of `error`, e.g. `sovereignty`. Public. */
  readonly extra?: Readonly<Record<string, unknown>>;
  /** More response headers. Public. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly cause?: unknown;
}

export class Fault extends Error {
  readonly fault: FaultName;
  readonly param: string | undefined;
  readonly retryAfterMs: number | undefined;
  readonly detail: string | undefined;
  readonly extra: Readonly<Record<string, unknown>> | undefined;
  readonly headers: Readonly<Record<string, string>> | undefined;
  readonly #options: FaultOptions;

  constructor(fault: FaultName, options: FaultOptions = {}) {
    super(options.text ?? FAULTS[fault].text, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = "Fault";
    this.fault = fault;
    this.#options = options;
    this.param = options.param;
    this.retryAfterMs = options.retryAfterMs;
    this.detail = options.detail;
    this.extra = options.extra;
    this.headers = options.headers;
  }

  get kind(): FaultKind {
    return FAULTS[this.fault];
  }

  /** The same fault of another parameter. */
  about(param: string, text: string): Fault {
    return new Fault(this.fault, { ...this.#options, param, text });
  }

  /** The same fault in other public words. */
  saying(text: string): Fault {
    return new Fault(this.fault, { ...this.#options, text });
  }
}
