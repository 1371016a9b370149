/** The closed list of certificates. A higher rung covers a lower one only where this table says so, never because the names look alike. */

/** The release of this table; a document may pin it. */
export const CERTIFICATES_RELEASE = "2026-11-22.1";

/** Code -> the codes that it covers directly. Order is the index of a code in a bundle. */
const COVERS: ReadonlyMap<string, readonly string[]> = new Map<string, readonly string[]>([
  ["BSI-C5.type1", []],
  ["BSI-C5.type2", ["BSI-C5.type1"]],
  ["BSI-C5:2020.type1", ["BSI-C5.type1"]],
  ["BSI-C5:2020.type2", ["BSI-C5:2020.type1", "BSI-C5.type2"]],
  ["BSI-C5:2026.type1", ["BSI-C5:2020.type1"]],
  ["BSI-C5:2026.type2", ["BSI-C5:2026.type1", "BSI-C5:2020.type2"]],
  ["SecNumCloud.3.2", []],
  ["HDS.2", []],
  ["ENS.basica", []],
  ["ENS.media", ["ENS.basica"]],
  ["ENS.alta", ["ENS.media"]],
  ["ACN.QC1", []],
  ["ACN.QC2", ["ACN.QC1"]],
  ["ACN.QC3", ["ACN.QC2"]],
  ["ACN.QC4", ["ACN.QC3"]],
  ["ACN.QI1", []],
  ["ACN.QI2", ["ACN.QI1"]],
  ["ACN.QI3", ["ACN.QI2"]],
  ["ACN.QI4", ["ACN.QI3"]],
  ["ISO27001", []],
  ["ISO27017", []],
  ["ISO27018", []],
  ["ISO27701", []],
  ["ISO42001", []],
  ["SOC2.type2", []],
  ["PCI-DSS.4", []],
  ["ISMAP", []],
  ["ISMAP-LIU", []],
  ["CSAP.low", []],
  ["CSAP.mid", ["CSAP.low"]],
  ["CSAP.high", ["CSAP.mid"]],
  ["IRAP.OS", []],
  ["IRAP.PROTECTED", ["IRAP.OS"]],
  ["IRAP.SECRET", ["IRAP.PROTECTED"]],
  ["HCF.assured", []],
  ["HCF.strategic", ["HCF.assured"]],
  ["CCCS.medium", []],
  ["FedRAMP.low", []],
  ["FedRAMP.mod", ["FedRAMP.low"]],
  ["FedRAMP.high", ["FedRAMP.mod"]],
  ["DoD.IL2", []],
  ["DoD.IL4", ["DoD.IL2"]],
  ["DoD.IL5", ["DoD.IL4"]],
  ["DoD.IL6", ["DoD.IL5"]],
  ["CMMC.2", []],
  ["MTCS.1", []],
  ["MTCS.2", ["MTCS.1"]],
  ["MTCS.3", ["MTCS.2"]],
  ["MeitY-empanelled", []],
  ["CST.A", []],
  ["CST.B", []],
  ["CST.C", []],
  ["CST.D", []],
  ["DESC-CSP", []],
  ["TISAX.AL2", []],
  ["TISAX.AL3", ["TISAX.AL2"]],
]);

export const CERTIFICATES: readonly string[] = [...COVERS.keys()];
export const CERTIFICATE_INDEX: ReadonlyMap<string, number> = new Map(CERTIFICATES.map((code, index) => [code, index]));

/** For each code, in order: 1 at the index of itself and of every code that it covers, at any remove. */
export const COVERED: readonly Uint8Array[] = CERTIFICATES.map((code) =>
  Uint8Array.from(CERTIFICATES, (other) => (coveredBy(code).has(other) ? 1 : 0)),
);

/** The code itself and every code that it covers, at any remove; empty for an unregistered code. */
export function coveredBy(code: string): ReadonlySet<string> {
  const covered = new Set<string>();
  const open = COVERS.has(code) ? [code] : [];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    if (covered.has(next)) continue;
    covered.add(next);
    open.push(...(COVERS.get(next) ?? []));
  }
  return covered;
}
