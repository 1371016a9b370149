/** Names of things. The only place where a string becomes an id (the house rules ban casts elsewhere). */
declare const kind: unique symbol;
type Id<K extends string> = string & { readonly [kind]: K };

export type OperatorId = Id<"operator">;
export type SiteId = Id<"site">;
export type BackendId = Id<"backend">;
export type ModelId = Id<"model">;
export type MspId = Id<"msp">;
export type TenantId = Id<"tenant">;
export type ProjectId = Id<"project">;
export type KeyId = Id<"key">;
/** 32 lower-case hex digits, sortable by time (UUIDv7 layout without dashes). */
export type RequestId = Id<"request">;

export const operatorId = (text: string): OperatorId => text as OperatorId;
export const siteId = (text: string): SiteId => text as SiteId;
export const backendId = (text: string): BackendId => text as BackendId;
export const modelId = (text: string): ModelId => text as ModelId;
export const mspId = (text: string): MspId => text as MspId;
export const tenantId = (text: string): TenantId => text as TenantId;
export const projectId = (text: string): ProjectId => text as ProjectId;
export const keyId = (text: string): KeyId => text as KeyId;
export const requestId = (text: string): RequestId => text as RequestId;
