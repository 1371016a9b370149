/** All of the outside world on one page. Ports speak intent, not primitives; no port has transaction(fn). */
import type { Call, Wire } from "./domain/call.ts";
import type { Clearance } from "./domain/clearance.ts";
import type { PolicySource } from "./domain/estate.ts";
import type { Backend, Capability, EngineKind } from "./domain/fleet.ts";
import type { BackendId, KeyId, ModelId, MspId, ProjectId, RequestId, TenantId } from "./domain/ids.ts";
import type { MicroUnits } from "./domain/money.ts";
import type { Key, Limits, Msp, Principal, Project, Tenant } from "./domain/tenancy.ts";
import type { Observed, Outcome, Usage } from "./domain/usage.ts";
import type { Fault } from "./faults.ts";

export type Stop = () => void;

export interface Clock {
  /** Unix milliseconds, whole. May jump; use it for stamps only. */
  nowMs(): number;
  /** Milliseconds that only grow; use it for durations. */
  monotonicMs(): number;
  after(ms: number, then: () => void): Stop;
  every(ms: number, then: () => void): Stop;
  /** Runs once when everything that this event-loop turn still brings has been handled. */
  turn(then: () => void): void;
}

export interface Random {
  /** [0, 1) */
  unit(): number;
  /** Sorts by time. */
  requestId(nowMs: number): RequestId;
  /** 128 random bits as lower-case hex behind a prefix: "key_3f…". */
  id(prefix: string): string;
  /** 256 random bits, base64url. */
  secret(): string;
}

// ---- the caller's side -------------------------------------------------------------------------------------------------

/** One request at the door. Nothing of its body has been read. */
export interface Arrival {
  readonly method: string;
  /** Without query. */
  readonly path: string;
  readonly query: URLSearchParams;
  /** Lower case; from a forwarded header only when the peer is a configured proxy. */
  readonly host: string;
  /** The listening port answers for this MSP alone, whatever the host says. */
  readonly msp?: MspId | undefined;
  /** Address of the caller, by the same rule. */
  readonly address: string;
  /** Every value under a lower-case name, as sent. */
  values(name: string): readonly string[];
  /** The first value, or undefined. */
  header(name: string): string | undefined;
  /** @throws Fault body_too_large, body_timeout */
  body(bytesMax: number): Promise<Buffer>;
  readonly exit: Exit;
}

/** Flat name, value, name, value … : the form that Node writes fastest. */
export type HeaderList = readonly string[];

/** The way out to one caller. */
export interface Exit {
  /** Sends status and headers with the first bytes. Once only. */
  head(status: number, headers: HeaderList): void;
  /** False: the caller reads slowly; stop until drained. */
  write(bytes: Buffer): boolean;
  /** Ends the answer; everything in one piece when nothing was written before (then content-length is set). */
  end(bytes?: Buffer): void;
  /** Cuts the connection: for answers that cannot be ended honestly. */
  abort(): void;
  /** The caller left before the end; at most once, also when it had left before. */
  onGone(then: () => void): void;
  onDrain(then: () => void): void;
  readonly started: boolean;
}

/** Throttles at the door: approximate on purpose, never about money. Each counts one request; false: too many of late. */
export interface Door {
  /** A request with a key that is none. */
  failed(address: string): Promise<boolean>;
  /** A request without any key. */
  keyless(address: string): Promise<boolean>;
  /** A request that only reads (models, usage): no window of the gate counts those. */
  reading(key: KeyId): Promise<boolean>;
}

// ---- the engines' side -------------------------------------------------------------------------------------------------

export interface Outbound {
  readonly method: "GET" | "POST";
  /** Appended to the backend's baseUrl. */
  readonly path: string;
  readonly headers: HeaderList;
  readonly body: Buffer | undefined;
  /** A large body in pieces, sent one behind the other; `body` is undefined then. */
  readonly pieces?: readonly Buffer[];
  /** The engine is silent until its whole answer is ready (no stream): only the total deadline runs before the first byte. */
  readonly comesWhole?: boolean;
}

/** Answers arrive here; exactly one of end and fail, last. Nothing is called after cancel(). */
export interface Listener {
  head(status: number, headers: Readonly<Record<string, string | string[] | undefined>>): void;
  data(chunk: Buffer): void;
  end(): void;
  fail(failure: Failure): void;
}

export interface Upstream {
  pause(): void;
  resume(): void;
  cancel(): void;
  /** The caller has all: the engine's own end is waited for upstreamLingerMs, so that its connection may live on, and then cut. Absent: for as long as the deadlines let it. */
  linger?(): void;
}

/** The only sockets. */
export interface Transport {
  /** @throws TypeError when the clearance is none, or the backend is not the one it names. */
  send(clearance: Clearance, outbound: Outbound, listener: Listener): Upstream;
}

/** Why an attempt failed, judged once, where the engine is known. */
export interface Failure {
  readonly fault: Fault;
  /** Another backend may do better. */
  readonly elsewhere: boolean;
  /** Counts against this backend's health. */
  readonly sick: boolean;
  /**
   * The connection was lost before an answer, so no engine works on this request any more: sending it again adds no load, and takes nothing
   * from the retry budget. Where the backend is not `sick` only an old connection was lost, and the same backend may be asked again.
   */
  readonly lost?: boolean;
}

/** One engine's reading of one answer: a synchronous push core. */
export interface Reply {
  /** Status line and headers of the engine. */
  head(status: number, headers: Readonly<Record<string, string | string[] | undefined>>): void;
  /** Bytes for the caller, or undefined when there is nothing to pass on yet. */
  push(chunk: Buffer): Buffer | undefined;
  /** The engine ended its answer cleanly; returns what is left for the caller. */
  end(): Buffer | undefined;
  /** The caller has the whole answer, its end included: whatever the engine still sends, or fails to send, changes nothing. Absent: only end() tells. */
  readonly done?: boolean;
  /** How a stream that broke off says so to its caller, as its last bytes. Absent: OpenAI's error frame. */
  brokenOff?(fault: Fault): Buffer;
  /** Set when the engine failed, by status or in band. What push and end returned before stands; nothing after it is passed on. */
  readonly failure: Failure | undefined;
  readonly observed: Observed;
}

/** One adapter per engine. Pure but for `probe`. */
export interface Engine {
  readonly kind: EngineKind;
  /** Whether this engine can do what the call asks for at all; a Fault (400) says what it cannot. */
  accepts(call: Call, backend: Backend): Fault | undefined;
  outbound(call: Call, backend: Backend, request: RequestId): Outbound;
  reply(call: Call, backend: Backend, request: RequestId): Reply;
  probe(backend: Backend, ask: Ask): Promise<ProbeResult>;
}

/** GET or POST of an engine's own status routes; carries nothing that derives from a request. Rejects on timeout or refusal. */
export type Ask = (method: "GET" | "POST", path: string, body?: string) => Promise<{ readonly status: number; readonly body: string }>;

export interface ProbeResult {
  /** Models that answer now, by the names the engine gives them; undefined: the engine cannot say. */
  readonly ready: ReadonlySet<string> | undefined;
  readonly load: Load | undefined;
}

/** An engine's own numbers. */
export interface Load {
  readonly running: number;
  readonly waiting: number;
  /** 0 to 1; undefined: not told. */
  readonly kvUse: number | undefined;
}

// ---- admission and the ledger ------------------------------------------------------------------------------------------

export const SCOPES = ["key", "project", "tenant", "msp"] as const;
export type Scope = (typeof SCOPES)[number];

/** Who pays, as far as a gate must know: ids and limits of all levels, and the currency. Every Principal is one; plain data, so that it can be sent. */
export interface Payer {
  readonly key: Pick<Key, "id" | "limits">;
  readonly project: Pick<Project, "id" | "limits">;
  readonly tenant: Pick<Tenant, "id" | "limits">;
  readonly msp: Pick<Msp, "id" | "limits" | "priceBook">;
}

/** One atomic question per request: windows, concurrency and budgets of all levels, all or nothing. */
export interface Claim {
  readonly request: RequestId;
  readonly principal: Payer;
  readonly model: ModelId;
  /** The name under which the caller bought it: its usage pages know no other. */
  readonly alias: string;
  readonly capability: Capability;
  /** For the token windows: estimate plus what was asked for. */
  readonly tokens: number;
  /** For the budgets: no answer to this request can cost more. */
  readonly amount: MicroUnits;
  readonly atMs: number;
}

/** What OpenAI's x-ratelimit headers need: the tightest of all levels. undefined: no such limit anywhere. */
export interface Windows {
  readonly requests: { readonly limit: number; readonly remaining: number; readonly resetMs: number } | undefined;
  readonly tokens: { readonly limit: number; readonly remaining: number; readonly resetMs: number } | undefined;
}

export type Admission =
  | { readonly ok: true; readonly windows: Windows }
  | {
      readonly ok: false;
      readonly scope: Scope;
      readonly over: "requests" | "tokens" | "concurrency" | "budget";
      /** undefined: waiting does not help (the claim is above the limit itself, or the budget is spent). */
      readonly retryAfterMs: number | undefined;
      readonly windows: Windows;
    };

export interface Settlement {
  readonly outcome: Outcome;
  readonly usage: Usage;
  readonly amount: MicroUnits;
  readonly backend: BackendId | undefined;
  /** HTTP status the caller got, or would have got. */
  readonly status: number;
  readonly attempts: number;
  readonly firstByteMs: number | undefined;
  readonly durationMs: number;
  readonly atMs: number;
}

export interface Gate {
  /** Resolves when the hold is durable. A refusal is a value and costs nothing. @throws Fault ledger_unavailable, overloaded */
  open(claim: Claim): Promise<Admission>;
  /** What a running stream has used so far; durable within checkpointMs. */
  checkpoint(request: RequestId, usage: Usage, amount: MicroUnits): void;
  /** Ends the hold. Idempotent: a second call changes nothing and says so. Durable within one turn. */
  settle(request: RequestId, settlement: Settlement): "settled" | "already";
  windows(principal: Payer, atMs: number): Windows;
}

/** Usage in buckets, for /v1/organization/usage and /costs. Settlements given so far are visible. */
export interface UsageQuery {
  readonly tenant: TenantId;
  readonly startMs: number;
  readonly endMs: number;
  readonly bucketMs: number;
  readonly projects: readonly string[] | undefined;
  readonly keys: readonly string[] | undefined;
  /** Alias names. */
  readonly models: readonly string[] | undefined;
  readonly groupBy: readonly ("project_id" | "api_key_id" | "model")[];
  readonly capability: Capability | undefined;
}

export interface UsageRow {
  readonly bucketStartMs: number;
  readonly projectId: string | undefined;
  readonly keyId: string | undefined;
  /** Alias name. */
  readonly model: string | undefined;
  readonly promptTokens: number;
  readonly cachedTokens: number;
  readonly completionTokens: number;
  readonly requests: number;
  readonly amount: MicroUnits;
  readonly currency: string;
}

export interface Ledger {
  usage(query: UsageQuery): Promise<readonly UsageRow[]>;
}

// ---- who -------------------------------------------------------------------------------------------------------------

export interface Directory {
  /** By SHA-256 of the secret, base64url. Revoked and expired keys are found too: the caller judges. */
  byKeyHash(hash: string): Principal | undefined;
}

export interface NewKey {
  readonly project: ProjectId;
  readonly name: string;
  readonly expiresAtMs: number | undefined;
  readonly models: readonly string[] | undefined;
  readonly cidrs: readonly string[] | undefined;
  readonly explain: boolean;
  /** Absent: without limit at the key's level. */
  readonly limits?: Limits;
}

export interface KeyView {
  readonly id: KeyId;
  readonly project: ProjectId;
  readonly tenant: TenantId;
  readonly msp: MspId;
  readonly name: string;
  readonly hint: string;
  readonly createdAtMs: number;
  readonly expiresAtMs: number | undefined;
  readonly revokedAtMs: number | undefined;
  readonly models: readonly string[] | undefined;
  readonly cidrs: readonly string[] | undefined;
  readonly limits: Limits;
  /** "file": declared in the configuration, read-only here. */
  readonly home: "file" | "database";
}

/** A tenant's rules as they come over the API: the short form of a policy document, as in the configuration file. */
export interface TenantPolicy {
  readonly rules: readonly unknown[];
  /** Pinned releases of sets and certificates; undefined: those that the program uses unpinned. */
  readonly uses: unknown;
}

export interface TenantView {
  readonly id: TenantId;
  readonly msp: MspId;
  readonly name: string;
  readonly defaultClass: string;
  readonly limits: Limits;
  /** What was given over the API; the file's own policies are not shown here. */
  readonly policy: TenantPolicy | undefined;
  readonly home: "file" | "database";
}

export interface ProjectView {
  readonly id: ProjectId;
  readonly tenant: TenantId;
  readonly name: string;
  readonly limits: Limits;
  readonly home: "file" | "database";
}

/** What the admin API and the command line may do. What a file declares is read-only. @throws Fault not_found, invalid_value with the offending `param` */
export interface DirectoryAdmin {
  /** Its policy is in force when this returns; without one everything is denied. */
  createTenant(input: {
    readonly id: string;
    readonly msp: string;
    readonly name: string;
    readonly defaultClass: string;
    readonly limits?: Limits;
    readonly policy?: TenantPolicy;
  }): TenantId;
  /** Replaces all rules of a tenant; in force when this returns. One problem, and nothing changes: the fault names every one. */
  setTenantPolicy(id: string, policy: TenantPolicy): void;
  createProject(input: { readonly id: string; readonly tenant: string; readonly name: string; readonly limits?: Limits }): ProjectId;
  /** The secret is returned here and nowhere else, ever. */
  createKey(input: NewKey): { readonly key: KeyView; readonly secret: string };
  revokeKey(id: string): KeyView;
  /** Replaces all limits of one object; here at once, in other processes over the same folder within keyCacheMsMax. */
  setLimits(of: "tenant" | "project" | "key", id: string, limits: Limits): void;
  listTenants(): readonly TenantView[];
  listProjects(tenant: string | undefined): readonly ProjectView[];
  listKeys(project: string | undefined): readonly KeyView[];
}

/** What the directory has of its own, as far as the law looks at it. */
export interface Kept {
  readonly tenants: ReadonlyMap<TenantId, Tenant>;
  readonly policies: readonly PolicySource[];
}

/** Law compiled aside: to be put in force, or everything that is wrong with it, one line each with its place. */
export type Draft = { readonly ok: true; readonly enact: () => void } | { readonly ok: false; readonly problems: readonly string[] };

/** Judges what the directory is about to store. Synchronous, so that no other change comes between draft and enact. */
export interface Lawmaker {
  /** Whether requests may have this class by default. */
  knowsClass(name: string): boolean;
  /** Compiles all that the files declare together with `kept`. Nothing has changed before `enact`, which cannot fail. */
  draft(kept: Kept): Draft;
}

// ---- what is seen from outside ---------------------------------------------------------------------------------------

/** One finished or refused request, content-free: the log line and the metrics come from it. */
export interface RequestRecord {
  readonly request: RequestId;
  readonly method: string;
  readonly route: string;
  readonly status: number;
  readonly fault: string | undefined;
  readonly detail: string | undefined;
  readonly principal: Principal | undefined;
  readonly model: ModelId | undefined;
  readonly backend: BackendId | undefined;
  readonly stream: boolean;
  readonly outcome: Outcome | "refused";
  readonly usage: Usage | undefined;
  readonly amount: MicroUnits | undefined;
  readonly attempts: number;
  readonly firstByteMs: number | undefined;
  readonly durationMs: number;
}

export interface Observer {
  finished(record: RequestRecord): void;
}

/** Follows each inference request on its way, for a sink outside the cell. Nothing here throws or waits. */
export interface Tracer {
  /** At the head, when nothing of the request has been judged. */
  start(arrival: Pick<Arrival, "header" | "values">, wire: Wire): RequestSpan;
}

export interface RequestSpan {
  /** A sending to a backend begins. */
  attempt(backend: Backend): AttemptSpan;
  /** Once, last. @param alias the name under which the caller asked for the model */
  end(record: RequestRecord, alias: string | undefined): void;
}

export interface AttemptSpan {
  /** @param failure undefined: the backend served it, or the caller left */
  end(failure: Failure | undefined): void;
}

// ---- the journal: what makes admission durable -----------------------------------------------------------------------

/** A hold as it stands in the journal: enough to settle it after a crash without any other state. */
export interface HoldRecord {
  readonly kind: "hold";
  readonly request: RequestId;
  readonly key: KeyId;
  readonly project: ProjectId;
  readonly tenant: TenantId;
  readonly msp: MspId;
  readonly model: ModelId;
  readonly alias: string;
  readonly capability: Capability;
  readonly tokens: number;
  readonly amount: MicroUnits;
  readonly currency: string;
  readonly priceVersion: string;
  readonly atMs: number;
}

/** A running stream's use so far; the last one stands when the process dies. */
export interface MarkRecord {
  readonly kind: "mark";
  readonly request: RequestId;
  readonly usage: Usage;
  readonly amount: MicroUnits;
}

export interface EndRecord extends Settlement {
  readonly kind: "end";
  readonly request: RequestId;
}

export type JournalRecord = HoldRecord | MarkRecord | EndRecord;

/** Append-only, written once per event-loop turn for all that it admitted and settled; a completed write survives kill -9. */
export interface Journal {
  /** Queues a record for this turn's write. An end that was taken is kept through failed writes until it is written. @throws Fault ledger_unavailable when the last write failed */
  append(record: JournalRecord): void;
  /** Resolves when everything appended so far is written. Rejects with Fault ledger_unavailable. */
  durable(): Promise<void>;
}

/** A hold that was open when the process died, with its last mark. */
export interface Orphan {
  readonly hold: HoldRecord;
  readonly mark: MarkRecord | undefined;
}

/** Money spent in one calendar month (UTC, "2026-11") by one scope. */
export interface Spent {
  readonly scope: Scope;
  readonly id: string;
  readonly month: string;
  readonly amount: MicroUnits;
}

/** What one scope was granted within one second of the last windowMs: a new process goes on with the windows of the one before. */
export interface Granted {
  readonly scope: Scope;
  readonly id: string;
  /** Unix milliseconds of the newest hold among them. */
  readonly atMs: number;
  readonly requests: number;
  readonly tokens: number;
}
