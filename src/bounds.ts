/** Every maximum of the gateway, with its unit last in the name. Relations between them are asserted when this file loads. */

const KIB = 1024;
const MIB = 1024 * KIB;

export const BOUNDS = {
  // ingress
  headerBytesMax: 32 * KIB,
  headersCountMax: 100,
  urlBytesMax: 8 * KIB,
  headersReadMsMax: 10_000,
  bodyReadMsMax: 60_000,
  connectionsMax: 20_000,
  clientKeepAliveMs: 75_000,
  // bodies
  bodyBytesMax: 16 * MIB,
  bodyBytesTotalMax: 512 * MIB,
  jsonDepthMax: 128,
  jsonTopLevelKeysMax: 256,
  messagesMax: 10_000,
  embeddingInputsMax: 2_048,
  choicesMax: 128,
  completionTokensMax: 10_000_000,
  modelNameBytesMax: 256,
  // what a chat template may add to a prompt, and what one image, sound or video may become
  templateTokensMax: 1_024,
  mediaPartTokensMax: 32_768,
  // replies
  replyJsonBytesMax: 128 * MIB,
  replyFrameBytesMax: 4 * MIB,
  replyErrorBytesMax: 64 * KIB,
  replyHeaderBytesMax: 32 * KIB,
  // upstream deadlines
  connectMsMax: 3_000,
  firstByteMsMax: 120_000,
  betweenBytesMsMax: 60_000,
  totalMsMax: 600_000,
  upstreamIdleMs: 4_000,
  deadlineSweepMs: 100,
  // retries
  attemptsMax: 3,
  retryBudgetRatio: 0.2,
  retryBudgetMin: 10,
  retryBudgetWindowMs: 10_000,
  // gate and ledger
  windowMs: 60_000,
  windowSlotMs: 1_000,
  holdMsMax: 60_000,
  holdsOpenMax: 100_000,
  /** Months of money that a scope keeps in memory: the running one, the last one, and one that a wrong clock may have opened. */
  budgetMonthsMax: 3,
  /** Idle accounts looked over for each new one: more than one, so that they go faster than they come. */
  accountsTidiedPerNew: 2,
  checkpointMs: 1_000,
  assumedCompletionTokens: 512,
  journalSegmentBytesMax: 64 * MIB,
  journalSegmentsMax: 64,
  journalBatchBytesMax: 4 * MIB,
  foldRowsMax: 5_000,
  foldMs: 500,
  ledgerQueriesMax: 64,
  usageRowsMax: 50_000,
  /** Settlements looked at for the last minute's grants, at start. */
  grantRowsMax: 2_000_000,
  // directory
  tenantsInDirectoryMax: 10_000,
  adminProblemsMax: 100,
  keyCacheEntriesMax: 50_000,
  keyCacheMsMax: 2_000,
  keysPerProjectMax: 1_000,
  cidrsPerKeyMax: 64,
  modelsPerKeyMax: 256,
  idempotencyEntriesMax: 100_000,
  idempotencyMs: 24 * 3_600_000,
  idempotencyKeyBytesMax: 255,
  // the door
  /** Requests with a key that is none, from one address. */
  failedKeysPerMinuteMax: 60,
  /** Requests without any key, from one address. */
  unauthenticatedPerMinuteMax: 600,
  /** Addresses remembered for each of the two; the one that was quiet longest is forgotten first. */
  doorAddressesMax: 50_000,
  // policies
  decisionCacheEntriesMax: 10_000,
  decisionsPerKeyMax: 64,
  lawWarmJudgementsMax: 1_000_000,
  requireHeaderBytesMax: 1 * KIB,
  /** Exclusions told one by one in a refusal. */
  exclusionsShownMax: 100,
  policyDocumentBytesMax: 1 * MIB,
  policyRulesPerDocumentMax: 500,
  // configuration
  configBytesMax: 8 * MIB,
  configFindingsMax: 1_000,
  secretBytesMax: 64 * KIB,
  chatTemplateBytesMax: 1 * MIB,
  // fleet
  backendsMax: 10_000,
  healthIntervalMs: 2_000,
  healthTimeoutMs: 1_500,
  loadStaleMs: 10_000,
  metricsBytesMax: 4 * MIB,
  probesFailedMax: 2,
  firstByteStaleMs: 60_000,
  breakerFailuresMax: 5,
  breakerErrorRatioMax: 0.5,
  breakerRequestsMin: 20,
  breakerWindowMs: 10_000,
  breakerOpenMs: 1_000,
  breakerOpenMsMax: 30_000,
  breakerTrialMsMax: 10_000,
  // shutdown
  drainMsMax: 30_000,
  cutSettleMsMax: 2_000,
  // retry-after shown when nothing better is known
  retryAfterDefaultMs: 1_000,
  // what an engine may make callers wait
  retryAfterMsMax: 60_000,
} as const;

/** A relation that must hold between two bounds, or the gateway does not start. */
function relation(holds: boolean, text: string): void {
  if (!holds) throw new Error(`bounds: ${text}`);
}

relation(BOUNDS.deadlineSweepMs * 10 <= BOUNDS.connectMsMax, "deadlines must be swept often enough to be worth their name");
relation(BOUNDS.betweenBytesMsMax <= BOUNDS.totalMsMax && BOUNDS.firstByteMsMax <= BOUNDS.totalMsMax, "no deadline outlives the total");
relation(BOUNDS.checkpointMs * 2 <= 2_000, "at most two seconds of a stream may be uncounted");
relation(BOUNDS.keyCacheMsMax * 2 <= 5_000, "revocation must take effect within five seconds");
relation(BOUNDS.upstreamIdleMs < 5_000, "vLLM closes idle connections after five seconds");
relation(BOUNDS.windowMs % BOUNDS.windowSlotMs === 0, "a window is a whole number of slots");
relation(BOUNDS.replyErrorBytesMax <= BOUNDS.replyFrameBytesMax, "an error fits a frame");
relation(BOUNDS.healthTimeoutMs < BOUNDS.healthIntervalMs, "a probe ends before the next one starts");
relation(BOUNDS.bodyBytesMax <= BOUNDS.bodyBytesTotalMax, "one body fits the whole");
relation(BOUNDS.breakerOpenMs <= BOUNDS.breakerOpenMsMax, "a breaker's first pause is not longer than its longest");
relation(BOUNDS.breakerFailuresMax <= BOUNDS.breakerRequestsMin, "a run of failures opens a breaker before their ratio does");
relation(BOUNDS.journalBatchBytesMax < BOUNDS.journalSegmentBytesMax, "a batch fits a segment of the journal");
