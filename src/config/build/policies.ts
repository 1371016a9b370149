/** Policy documents with their places: whole ones from the list or from files, and short forms that stand under what they bind. */
import type { PolicySource } from "../../domain/estate.ts";
import type { Outside } from "../outside.ts";
import { pathText } from "../path.ts";
import type { Path } from "../path.ts";
import type { FileFormat } from "../schema/file.ts";
import type { Tree } from "../tree.ts";

const SHORT_FORMS = [
  { level: "operator", section: "operators" },
  { level: "msp", section: "msps" },
  { level: "tenant", section: "tenants" },
  { level: "project", section: "projects" },
  { level: "key", section: "keys" },
] as const;

export function buildPolicies(file: FileFormat, tree: Tree, outside: Outside): readonly PolicySource[] {
  const sources: PolicySource[] = [];
  const { policy: platform, uses } = file;
  if (platform !== undefined) sources.push(shortForm({ level: "platform", subject: "", rules: platform, uses, tree, at: ["policy"] }));
  for (const { level, section } of SHORT_FORMS) {
    const entries: Readonly<Record<string, { readonly policy?: FileFormat["policy"] }>> = file[section];
    for (const [subject, { policy }] of Object.entries(entries)) {
      if (policy !== undefined) sources.push(shortForm({ level, subject, rules: policy, uses, tree, at: [section, subject, "policy"] }));
    }
  }
  file.policies.forEach(({ level, subject = "", document }, index) => {
    const at = ["policies", index];
    const beside = outside.documents.get(pathText([...at, "file"]));
    if (beside !== undefined) sources.push({ level, subject, document: beside.value, where: (path) => beside.where(path) });
    else sources.push({ level, subject, document, where: (path) => tree.where([...at, "document", ...path]) });
  });
  return sources;
}

interface ShortForm {
  readonly level: PolicySource["level"];
  readonly subject: string;
  readonly rules: readonly unknown[];
  readonly uses: FileFormat["uses"];
  readonly tree: Tree;
  readonly at: Path;
}

/** Rules alone become a document whose remaining fields follow from the place. */
function shortForm({ level, subject, rules, uses, tree, at }: ShortForm): PolicySource {
  const metadata = { id: subject === "" ? level : `${level}-${subject}`, level, version: 1 };
  const document = { apiVersion: "sovereignty/v1", kind: "Policy", metadata, ...(uses === undefined ? {} : { uses }), rules };
  const where = (path: Path): string => {
    if (path[0] === "rules") return tree.where([...at, ...path.slice(1)]);
    return tree.where(path[0] === "uses" && uses !== undefined ? path : at);
  };
  return { level, subject, document, where };
}
