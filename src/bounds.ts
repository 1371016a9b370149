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
  /** Of one address, or one IPv6 /64, over all ports; trusted proxies are not counted. */
  connectionsPerAddressMax: 10_000,
  /** How long a caller may leave bytes lying that wait for it. */
  callerStallMsMax: 60_000,
  /** A whole answer up to this goes out in one write with its head. */
  answerJoinBytesMax: 8 * KIB,
  /** An answer that is there as a whole goes out in such pieces, so that it shows whether its caller takes any. */
  answerPieceBytes: 256 * KIB,
  clientKeepAliveMs: 75_000,
  // bodies
  bodyBytesMax: 16 * MIB,
  bodyBytesTotalMax: 512 * MIB,
  jsonDepthMax: 128,
  jsonTopLevelKeysMax: 256,
  messagesMax: 10_000,
  embeddingInputsMax: 2_048,
  choicesMax: 128,
  rerankDocumentsMax: 10_000,
  completionTokensMax: 10_000_000,
  modelNameBytesMax: 256,
  // what a chat template may add to a prompt, and what one image, sound or video may become
  templateTokensMax: 1_024,
  mediaPartTokensMax: 32_768,
  /** What a reranker's template may add to one query with one document. */
  pairTemplateTokensMax: 256,
  // replies
  replyJsonBytesMax: 128 * MIB,
  replyFrameBytesMax: 4 * MIB,
  replyErrorBytesMax: 64 * KIB,
  /** Output that is kept while it streams, since the Responses API says all of it once more at the end. */
  responseOutputBytesMax: 16 * MIB,
  replyHeaderBytesMax: 32 * KIB,
  /** Heads of status 1xx before the one that counts. */
  interimHeadsMax: 8,
  /** Bytes of one chunk's extension, or of all trailers: nobody reads them. */
  chunkExtraBytesMax: 4 * KIB,
  // connections to engines
  /** Read from a socket at a time, all of them into the same buffer. */
  socketReadBytesMax: 64 * KIB,
  /** Up to this, head and body go out as one buffer. */
  requestJoinBytesMax: 16 * KIB,
  socketKeepAliveMs: 30_000,
  // upstream deadlines
  connectMsMax: 3_000,
  firstByteMsMax: 120_000,
  betweenBytesMsMax: 60_000,
  totalMsMax: 600_000,
  upstreamIdleMs: 4_000,
  /** So soon after a request went out over a kept connection, its end means that the engine had closed it before. */
  upstreamStaleMsMax: 1_000,
  /** Silence of an engine whose caller has had its whole answer: then its connection is worth nothing. */
  upstreamLingerMs: 2_000,
  /** How long before an engine's own time an idle connection is let go. */
  upstreamIdleSpareMs: 1_000,
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
  /** Requests for models, usage and costs with one key: no window counts them. */
  readsPerMinuteMax: 600,
  /** Addresses remembered for each of these, and keys; the one that was quiet longest is forgotten first. */
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
  /** A Jinja source, or the tokenizer_config.json that holds it among thousands of tokens. */
  chatTemplateBytesMax: 4 * MIB,
  specialTokensMax: 256,
  // fleet
  backendsMax: 10_000,
  healthIntervalMs: 2_000,
  healthTimeoutMs: 1_500,
  loadStaleMs: 10_000,
  metricsBytesMax: 4 * MIB,
  probesFailedMax: 2,
  /** Models behind Tritons whose tensors are remembered. */
  tritonShapesMax: 20_000,
  firstByteStaleMs: 60_000,
  breakerFailuresMax: 5,
  breakerErrorRatioMax: 0.5,
  breakerRequestsMin: 20,
  breakerWindowMs: 10_000,
  breakerOpenMs: 1_000,
  breakerOpenMsMax: 30_000,
  breakerTrialMsMax: 10_000,
  // Workers: the gate is an object elsewhere, holds are leases, memory is small
  leaseRenewMs: 5_000,
  /** A hold whose request has shown no life for so long is settled as it stands. */
  leaseMsMax: 40_000,
  leaseSweepMs: 10_000,
  gateAnswerMsMax: 5_000,
  /** A settlement is offered so often before it is left to the sweep. */
  settleTriesMax: 4,
  settlePauseMs: 500,
  /** From a settlement to its row in the shared tables. */
  handOverMs: 1_000,
  handOverRowsMax: 500,
  isolateBodyBytesTotalMax: 48 * MIB,
  isolateKeysMax: 10_000,
  isolateAddressesMax: 10_000,
  isolateIdempotencyEntriesMax: 10_000,
  webReadBytesMax: 16 * KIB,
  webWaitingBytesMax: 64 * KIB,
  webDeadlineSweepMs: 1_000,
  storedConfigPartBytes: 32 * KIB,
  // several processes over one data folder: each leases slices of the limits
  processesMax: 64,
  /** A grant takes at most an even share of what is left, divided by this, beyond what is needed now. */
  sliceShareDivisor: 2,
  /** Who does not give back in time keeps what it has. */
  sliceRecallMsMax: 250,
  /** Nobody had enough: for so long a process refuses without asking again. */
  sliceAskAgainMs: 50,
  /** Questions for one request before it is refused as overload. */
  sliceRoundsMax: 8,
  /** How long one process waits for the word of another. */
  processAnswerMsMax: 5_000,
  processBeatMs: 500,
  /** A process that is told to end by itself still takes newcomers for so long: those that the kernel deals to it have nowhere else to go. */
  processFarewellMs: 300,
  /** A process that has not been heard of for so long is ended. */
  processSilentMsMax: 30_000,
  processStartMsMax: 60_000,
  /** Pause before a process that ended is started again; doubled each time, until one has lived for processSteadyMs. */
  processRestartMs: 200,
  processRestartMsMax: 10_000,
  processSteadyMs: 60_000,
  // traces and metrics that leave the cell
  /** Finished requests that wait to be judged, and as many that wait to be sent. */
  otlpQueueRequestsMax: 2_048,
  /** Finished requests are looked at together, so many or so soon. */
  otlpDrainRequests: 64,
  otlpDrainMs: 250,
  /** Requests whose spans go out in one export. */
  otlpBatchRequests: 128,
  /** One export with its retries: so long the law that was asked before it stands. */
  otlpExportMsMax: 4_000,
  /** The last export of a process that ends. */
  otlpCloseMsMax: 2_000,
  otlpMetricsIntervalMsMin: 1_000,
  otlpMetricsIntervalMsMax: 3_600_000,
  /** Combinations of labels kept for one metric; what goes beyond is added up without labels. */
  otlpSeriesMax: 2_000,
  /** Different questions to the law behind numbers that are not exported yet. */
  otlpQuestionsMax: 10_000,
  // memory after a crowd: so many requests at once, then nobody for two looks
  idleMemoryRequestsMin: 500,
  idleMemoryLookMs: 5_000,
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
relation(BOUNDS.leaseRenewMs * 3 <= BOUNDS.leaseMsMax, "a lease outlives two renewals that were lost");
relation(BOUNDS.leaseMsMax + BOUNDS.leaseSweepMs <= BOUNDS.holdMsMax, "a dead request's hold is swept within its time");
relation(BOUNDS.bodyBytesMax <= BOUNDS.isolateBodyBytesTotalMax, "one body fits an isolate");
relation(BOUNDS.betweenBytesMsMax <= BOUNDS.totalMsMax && BOUNDS.firstByteMsMax <= BOUNDS.totalMsMax, "no deadline outlives the total");
relation(BOUNDS.connectionsPerAddressMax * 2 <= BOUNDS.connectionsMax, "no address keeps all others out");
relation(BOUNDS.callerStallMsMax * 2 <= BOUNDS.totalMsMax, "who takes nothing is cut long before who takes little");
relation(BOUNDS.checkpointMs * 2 <= 2_000, "at most two seconds of a stream may be uncounted");
relation(BOUNDS.otlpDrainRequests <= BOUNDS.otlpBatchRequests, "a drain is not more than an export takes");
relation(BOUNDS.otlpBatchRequests * 2 <= BOUNDS.otlpQueueRequestsMax, "one batch waits while another is sent");
relation(BOUNDS.otlpExportMsMax <= 5_000, "law must take effect on exports within five seconds");
relation(BOUNDS.keyCacheMsMax * 2 <= 5_000, "revocation must take effect within five seconds");
relation(BOUNDS.upstreamLingerMs <= BOUNDS.betweenBytesMsMax, "nobody waits longer for less");
relation(BOUNDS.upstreamIdleMs < 5_000, "vLLM closes idle connections after five seconds");
relation(BOUNDS.windowMs % BOUNDS.windowSlotMs === 0, "a window is a whole number of slots");
relation(BOUNDS.replyErrorBytesMax <= BOUNDS.replyFrameBytesMax, "an error fits a frame");
relation(BOUNDS.healthTimeoutMs < BOUNDS.healthIntervalMs, "a probe ends before the next one starts");
relation(BOUNDS.bodyBytesMax <= BOUNDS.bodyBytesTotalMax, "one body fits the whole");
relation(BOUNDS.breakerOpenMs <= BOUNDS.breakerOpenMsMax, "a breaker's first pause is not longer than its longest");
relation(BOUNDS.breakerFailuresMax <= BOUNDS.breakerRequestsMin, "a run of failures opens a breaker before their ratio does");
relation(BOUNDS.processBeatMs * 10 <= BOUNDS.processSilentMsMax, "a process is not ended for a beat or two that it missed");
relation(BOUNDS.processSilentMsMax + BOUNDS.sliceRecallMsMax < BOUNDS.holdMsMax, "a dead process's holds are settled within their time");
relation(BOUNDS.journalBatchBytesMax < BOUNDS.journalSegmentBytesMax, "a batch fits a segment of the journal");
