/** The small values of the file format: names, amounts, instants, addresses, references to secrets. Each says in its message what is right. */
import { z } from "zod";
import { BOUNDS } from "../../bounds.ts";
import { isCidr } from "../cidr.ts";
import { normalHash } from "../hash.ts";

export const idText = z
  .string()
  .regex(/^[a-z0-9][a-z0-9._-]{0,63}$/, "a name is 1 to 64 of a-z, 0-9, dot, dash and underscore, starting with a letter or digit");

export const modelName = z
  .string()
  .max(BOUNDS.modelNameBytesMax)
  .regex(/^[A-Za-z0-9][A-Za-z0-9._:/@+-]*$/, "a model name is letters, digits and . _ : / @ + -, starting with a letter or digit");

export const label = z.string().min(1).max(200);

export const country = z.string().regex(/^[A-Z]{2}$/, "a country is two capital letters (ISO 3166-1 alpha-2), e.g. DE");

export const countries = z.array(country).min(1).max(300);

export const subdivision = z.string().regex(/^[A-Z]{2}-[A-Z0-9]{1,3}$/, "a subdivision is an ISO 3166-2 code, e.g. DE-HE");

export const instant = z.iso.datetime({ error: "an instant is written in UTC with its time, e.g. 2027-03-31T00:00:00Z" });

const AMOUNT = 'an amount is a decimal in quotes with at most 9 digits before and 6 after the point, e.g. "0.25"';

/** At most 10^9 units, so that micro-units stay exact in a double. */
export const amount = z.string({ error: AMOUNT }).regex(/^\d{1,9}(\.\d{1,6})?$/, AMOUNT);

export const currency = z.string().regex(/^[A-Z]{3}$/, "a currency is three capital letters (ISO 4217), e.g. EUR");

const CIDR = "an address range is IPv4 or IPv6 with a prefix length, e.g. 10.0.0.0/8";
export const cidr = z.string().max(64).refine(isCidr, CIDR);

export const hostName = z
  .string()
  .max(259)
  .regex(
    /^(\[[0-9a-f:.]+\]|[a-z0-9]([a-z0-9.-]*[a-z0-9])?)(:\d{1,5})?$/,
    "a host is a lower-case name as in the Host header, with its port when that is not 80 or 443",
  );

export const listenAddress = z
  .string()
  .regex(/^(\[[0-9a-fA-F:.]+\]|[A-Za-z0-9.-]+):\d{1,5}$/, {
    error: "an address to listen on is host:port, e.g. 127.0.0.1:8080 or [::1]:8080",
    abort: true,
  })
  .refine((text) => Number(text.slice(text.lastIndexOf(":") + 1)) <= 65_535, "a port is 0 to 65535");

const BASE_URL = "a base URL is http(s)://host[:port][/prefix] without user, query or fragment";

export const baseUrl = z
  .string()
  .max(2_048)
  .regex(/^https?:\/\/[^\s?#@]+$/, { error: BASE_URL, abort: true })
  .refine((text) => URL.canParse(text), { error: BASE_URL, abort: true })
  .refine((text) => !/\/v1\/?$/.test(text), "leave the trailing /v1 off: engine paths are appended to the base URL");

export const webUrl = z
  .string()
  .max(2_048)
  .regex(/^(https?:\/\/|mailto:)\S+$/, "a link starts with https://, http:// or mailto:");

const HASH = "a hash is sha256: and 64 hex digits or 43 base64url characters: the SHA-256 of the secret, never the secret itself";
export const keyHash = z
  .string({ error: HASH })
  .regex(/^sha256:([0-9a-fA-F]{64}|[A-Za-z0-9_-]{43}=?)$/, { error: HASH, abort: true })
  .refine((text) => normalHash(text) !== undefined, HASH);

const SECRET = "a secret is {env: NAME} or {file: PATH}, never written inline";

/** Where a secret is kept; exactly one of the two is checked with the other relations. */
export const secret = z.strictObject(
  {
    env: z
      .string()
      .regex(/^[A-Za-z_][A-Za-z0-9_]*$/, "an environment variable is letters, digits and underscores")
      .optional()
      .describe("Environment variable that holds the secret."),
    file: z.string().min(1).optional().describe("File that holds the secret, relative to this file; one trailing line break is dropped."),
  },
  { error: (issue) => (issue.code === "invalid_type" ? SECRET : undefined) },
);

export const count = z.int().min(0);
export const countFromOne = z.int().min(1);
