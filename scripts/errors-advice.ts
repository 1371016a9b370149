/** What a caller does about each fault, for docs/reference/errors.md. */
import type { FaultName } from "../src/faults.ts";

const CORRECT = "Correct the parameter that `param` names.";
const LATER = "Wait as long as `retry-after` says, then send it again.";
const AGAIN = "Send it again. The gateway has already tried other permitted places where there were any.";

export const ADVICE = {
  invalid_json: "Send one JSON object. The message says at which byte reading stopped.",
  invalid_utf8: "Encode the body as UTF-8.",
  unsupported_encoding: "Leave `content-encoding` out.",
  unsupported_media_type: "Set `content-type: application/json`.",
  body_too_large: "Send less: see `bodyBytesMax` in [bounds.md](bounds.md).",
  body_timeout: "Send it again on a better line.",
  headers_too_large: "Send fewer or shorter headers, or a shorter URL.",
  missing_parameter: "Add the parameter that `param` names.",
  invalid_type: CORRECT,
  invalid_value: CORRECT,
  duplicate_parameter: "Send each top-level member once.",
  unsupported_parameter: "Leave the parameter out, or use another model.",
  above_max: CORRECT,
  below_min: CORRECT,
  decimal_above_max: CORRECT,
  decimal_below_min: CORRECT,
  array_too_long: "Send fewer elements in one request.",
  empty_array: "Send at least one element.",
  context_length_exceeded: "Shorten the prompt, or ask for fewer tokens.",
  idempotency_key_reused: "Take a new key for each new request.",
  idempotency_key_invalid: "Send 1 to 255 printable ASCII characters without blanks.",
  idempotency_completed:
    "It was carried out and charged once. Its id is in `error.original_request_id`; the answer is not kept. Take a new key to ask anew.",
  conflicting_credentials: "Send one key: `Authorization: Bearer` or `x-api-key`.",
  engine_refused: "Read the message: the model's engine does not accept the request as it is.",
  missing_key: "Send your key.",
  invalid_api_key: "Check key and base URL: a key works on its own provider's hosts only, until it expires or is revoked.",
  address_not_allowed: "Call from an address that the key is allowed for.",
  unknown_host: "Check the base URL. Operators: add the name to the MSP's `hosts`.",
  wrong_cell: "Use one of the base URLs in `error.sovereignty.base_urls`.",
  unknown_route: "Check the path. The base URL ends in `/v1`.",
  method_not_allowed: "Use the method that `allow` names.",
  model_not_found: "Ask `GET /v1/models` for what this key may use.",
  not_found: "Check the id.",
  sov_no_policy: "Tell whoever administers your organization: a level that must permit has no rule for this request.",
  sov_no_admissible:
    "Use another model, or a lower requirement, or have your organization's rules changed. `error.sovereignty.denied_by` counts what stood in the way.",
  sov_bad_header: "Correct `Sovereignty-Require`; the message says where.",
  sov_self: "Use a gateway in a place that your rules permit.",
  sov_no_healthy: "Permitted places exist and none can answer. Wait; it is never sent elsewhere.",
  rate_limit_requests: LATER,
  rate_limit_tokens: `${LATER} Without \`retry-after\` the request is above the limit itself: ask for fewer tokens.`,
  rate_limit_concurrency: "Wait for your other requests to end.",
  rate_limit_generic: LATER,
  insufficient_quota:
    "Have the budget raised, or ask for fewer tokens: the dearest possible answer must fit. It renews on the first of the month, UTC.",
  too_many_attempts: "Stop, find the right key, and send it with every request; wait a minute.",
  engine_failed: AGAIN,
  engine_unreachable: AGAIN,
  engine_timeout: AGAIN,
  engine_overloaded: LATER,
  draining: "Send it again at once; another replica answers.",
  overloaded: LATER,
  ledger_unavailable: `${LATER} Operators: look at the disk of the data folder.`,
  internal: "Send it again once; if it stays, report the request id.",
} as const satisfies Record<FaultName, string>;
