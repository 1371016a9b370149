/** X.509 certificates made by hand, since Node reads them but makes none: an issuer, and servers' certificates right or wrong in one respect. */
import { createPublicKey, generateKeyPairSync, type KeyObject, sign } from "node:crypto";

const OID = {
  commonName: "550403",
  ed25519: "2b6570",
  subjectAltName: "551d11",
  basicConstraints: "551d13",
} as const;

const TAG = {
  boolean: 0x01,
  integer: 0x02,
  bits: 0x03,
  octets: 0x04,
  oid: 0x06,
  utf8: 0x0c,
  time: 0x18,
  sequence: 0x30,
  set: 0x31,
} as const;

function der(tag: number, ...parts: readonly Buffer[]): Buffer {
  const content = Buffer.concat(parts);
  const { length } = content;
  const size = length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from([tag, ...size]), content]);
}

const sequence = (...parts: readonly Buffer[]): Buffer => der(TAG.sequence, ...parts);
const oid = (hex: string): Buffer => der(TAG.oid, Buffer.from(hex, "hex"));
const bits = (content: Buffer): Buffer => der(TAG.bits, Buffer.from([0]), content);
const name = (text: string): Buffer => sequence(der(TAG.set, sequence(oid(OID.commonName), der(TAG.utf8, Buffer.from(text)))));

/** "20300101000000Z" */
function time(atMs: number): Buffer {
  const text = new Date(atMs).toISOString().replace(/[-:T]|\.\d+/g, "");
  return der(TAG.time, Buffer.from(text));
}

function extension(id: string, value: Buffer): Buffer {
  return sequence(oid(id), der(TAG.octets, value));
}

const DAY_MS = 86_400_000;
const ALGORITHM = sequence(oid(OID.ed25519));

let serial = 0;

export interface Issuer {
  readonly name: string;
  readonly key: KeyObject;
  readonly pem: string;
}

export interface ServerCertificate {
  readonly key: string;
  readonly cert: string;
}

interface Body {
  readonly subject: string;
  readonly issuer: string;
  readonly publicKey: KeyObject;
  readonly validFromMs: number;
  readonly validToMs: number;
  readonly extensions: readonly Buffer[];
}

function signed({ subject, issuer, publicKey, validFromMs, validToMs, extensions }: Body, key: KeyObject): string {
  serial += 1;
  const version = der(0xa0, der(TAG.integer, Buffer.from([2])));
  const body = sequence(
    version,
    der(TAG.integer, Buffer.from([0x10, serial])),
    ALGORITHM,
    name(issuer),
    sequence(time(validFromMs), time(validToMs)),
    name(subject),
    publicKey.export({ type: "spki", format: "der" }),
    der(0xa3, sequence(...extensions)),
  );
  const certificate = sequence(body, ALGORITHM, bits(sign(null, body, key)));
  const lines = certificate.toString("base64").match(/.{1,64}/g) ?? [];
  return ["-----BEGIN CERTIFICATE-----", ...lines, "-----END CERTIFICATE-----", ""].join("\n");
}

/** An authority that signs itself. */
export function issuer(subject: string): Issuer {
  const { privateKey, publicKey } = generateKeyPairSync("ed25519");
  const nowMs = Date.now();
  const isAuthority = extension(OID.basicConstraints, sequence(der(TAG.boolean, Buffer.from([0xff]))));
  const span = { validFromMs: nowMs - DAY_MS, validToMs: nowMs + DAY_MS };
  return {
    name: subject,
    key: privateKey,
    pem: signed({ subject, issuer: subject, publicKey, ...span, extensions: [isAuthority] }, privateKey),
  };
}

export interface Wanted {
  /** IPv4 address that it is for. */
  readonly address: string;
  /** Days from now until it ends; negative: it has ended. */
  readonly days: number;
}

export function serverCertificate(by: Issuer, { address, days }: Wanted): ServerCertificate {
  const { privateKey } = generateKeyPairSync("ed25519");
  const names = extension(OID.subjectAltName, sequence(der(0x87, Buffer.from(address.split(".").map(Number)))));
  const validToMs = Date.now() + days * DAY_MS;
  const body = { subject: "engine", issuer: by.name, publicKey: createPublicKey(privateKey), extensions: [names] };
  const cert = signed({ ...body, validFromMs: validToMs - 3 * DAY_MS, validToMs }, by.key);
  return { key: privateKey.export({ type: "pkcs8", format: "pem" }).toString(), cert };
}
