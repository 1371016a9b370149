/** An engine that was asked for a chat blames the chat's parameters: here they get the names that the caller knows. */
import type { Fault } from "../../faults.ts";
import type { Failure, Reply } from "../../ports.ts";

/** What chat calls a parameter and what the Responses API calls it, longest first. */
const RENAMED: readonly (readonly [RegExp, string])[] = [
  [/^messages\b.*$/, "input"],
  [/^max_(?:completion_)?tokens$/, "max_output_tokens"],
  [/^response_format(?:\.json_schema)?/, "text.format"],
  [/^reasoning_effort$/, "reasoning.effort"],
  [/^verbosity$/, "text.verbosity"],
  [/^(tools\[\d+\])\.function/, "$1"],
  [/^(?:top_)?logprobs$/, "top_logprobs"],
];

/** A fault of the chat call in words of the call that was made. */
export function inResponsesWords(fault: Fault): Fault {
  const { param } = fault;
  const found = param === undefined ? undefined : RENAMED.find(([pattern]) => pattern.test(param));
  if (param === undefined || found === undefined) return fault;
  const renamed = param.replace(found[0], found[1]);
  return fault.about(renamed, fault.message.replaceAll(`'${param}'`, `'${renamed}'`));
}

/** The failure of a reply in words of the Responses API: the same one however often it is asked for. */
export class FailureInWords {
  #failure: Failure | undefined;

  of({ failure }: Pick<Reply, "failure">): Failure | undefined {
    if (failure === undefined) return undefined;
    return (this.#failure ??= { ...failure, fault: inResponsesWords(failure.fault) });
  }
}
