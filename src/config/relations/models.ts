/** What does not fit together between models, engines and times, though each field alone is right. */
import { ENGINES } from "../../domain/fleet.ts";
import type { Report } from "../finding.ts";
import { isRecord, select, valueAt } from "../path.ts";
import type { Tree } from "../tree.ts";

/** Reports models that promise more than they can hold, and chat templates where they are missing or useless. */
export function checkModels(tree: Tree, report: Report): void {
  for (const { path, value } of select(tree.value, ["models", "*"])) {
    const context = valueAt(value, ["context_tokens_max"]);
    const completion = valueAt(value, ["completion_tokens_max"]);
    if (typeof context === "number" && typeof completion === "number" && completion > context) {
      report.add(
        tree.finding([...path, "completion_tokens_max"], `a completion of ${completion} tokens does not fit a context of ${context}`),
      );
    }
  }
  for (const { path, value } of select(tree.value, ["backends", "*"])) {
    const served = valueAt(value, ["models"]);
    if (isRecord(served) && Object.keys(served).length === 0)
      report.add(tree.finding([...path, "models"], "a backend serves at least one model"));
    for (const [model, given] of isRecord(served) ? Object.entries(served) : [])
      checkTemplate(tree, [...path, "models", model], { engine: valueAt(value, ["engine"]), given, report });
  }
}

function checkTemplate(
  tree: Tree,
  path: readonly (string | number)[],
  served: { readonly engine: unknown; readonly given: unknown; readonly report: Report },
): void {
  const template = valueAt(served.given, ["chat_template"]);
  const capabilities = valueAt(tree.value, ["models", String(path.at(-1)), "capabilities"]);
  const declared = valueAt(tree.value, ["models", String(path.at(-1))]) !== undefined;
  const chats = capabilities === undefined || (Array.isArray(capabilities) && capabilities.includes("chat"));
  if (served.engine === "triton" && declared && chats && template === undefined) {
    served.report.add(
      tree.finding(
        path,
        "Triton has no chat of its own: this model needs a chat_template",
        'set chat_template: {file: …}, or leave "chat" out of the model\'s capabilities',
      ),
    );
  }
  const renders = ENGINES.find((engine) => engine === served.engine && engine !== "triton");
  if (renders !== undefined && template !== undefined) {
    served.report.add(
      tree.finding([...path, "chat_template"], `engine ${renders} renders chats itself: a chat_template is never used`, "remove it"),
    );
  }
  if (served.engine !== "triton" && typeof served.engine === "string" && valueAt(served.given, ["triton"]) !== undefined) {
    served.report.add(tree.finding([...path, "triton"], `engine ${served.engine} is not triton: this is never used`, "remove it"));
  }
  if (isRecord(template) && (template["source"] === undefined) === (template["file"] === undefined)) {
    served.report.add(tree.finding([...path, "chat_template"], "a chat template has either a source or a file"));
  }
}
