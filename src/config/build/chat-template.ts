/** A model's chat template and special tokens, from what the file says and from the tokenizer_config.json that models come with. */
import type { ChatTemplate } from "../../domain/fleet.ts";
import type { ServedModelFormat } from "../schema/fleet.ts";
import { tokenizerConfig } from "../tokenizer-config.ts";

type Given = NonNullable<Exclude<ServedModelFormat, string>["chat_template"]>;

/** @param fromFile text of the file that `given` names */
export function chatTemplate(given: Given, fromFile: string | undefined): ChatTemplate {
  if (typeof given === "string") return { source: given, bosToken: "", eosToken: "" };
  const found = given.source === undefined && fromFile !== undefined ? tokenizerConfig(fromFile) : undefined;
  return {
    source: given.source ?? found?.source ?? fromFile ?? "",
    bosToken: given.bos_token ?? found?.bosToken ?? "",
    eosToken: given.eos_token ?? found?.eosToken ?? "",
    ...(found?.toolSource === undefined ? {} : { toolSource: found.toolSource }),
  };
}
