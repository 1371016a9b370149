/** The model list and its entries, in OpenAI's form and, for callers that speak Anthropic's dialect, in theirs. */
import type { Alias } from "../domain/tenancy.ts";

export type Dialect = "openai" | "anthropic";

/** Everything on one page: OpenAI has no pagination here, and Anthropic's clients stop at `has_more: false`. */
export function modelsBody(aliases: readonly Alias[], dialect: Dialect): Buffer {
  if (dialect === "openai") return json({ object: "list", data: aliases.map(openaiModel) });
  const data = aliases.map(anthropicModel);
  return json({ data, has_more: false, first_id: data[0]?.id ?? null, last_id: data.at(-1)?.id ?? null });
}

export function modelBody(alias: Alias, dialect: Dialect): Buffer {
  return json(dialect === "openai" ? openaiModel(alias) : anthropicModel(alias));
}

function openaiModel(alias: Alias) {
  return { id: alias.name, object: "model", created: alias.createdAtS, owned_by: alias.ownedBy };
}

function anthropicModel(alias: Alias) {
  const createdAt = new Date(alias.createdAtS * 1000).toISOString().replace(".000Z", "Z");
  return { type: "model", id: alias.name, display_name: alias.name, created_at: createdAt };
}

function json(value: unknown): Buffer {
  return Buffer.from(JSON.stringify(value));
}
