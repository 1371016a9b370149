/** Finds the Python that the engines' wheels are made for, and says what else the machine lacks before anything is downloaded. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { said } from "./command.ts";
import { Missing } from "./home.ts";

export interface Python {
  readonly program: string;
  /** "3.11.7" */
  readonly version: string;
  /** Folder of its shared library, which Triton's models must load; undefined: it is built without one. */
  readonly libraries: string | undefined;
}

const MINOR = "3.11";
const ABOUT = `
import json, sysconfig, sys, venv, ensurepip
print(json.dumps([sys.version.split()[0], sysconfig.get_config_var("LIBDIR") or "", sysconfig.get_config_var("LDLIBRARY") or ""]))`;

/** @throws Missing */
export function findPython(): Python {
  if (process.platform !== "linux" || process.arch !== "x64")
    throw new Missing(`the engines' wheels are for Linux on x86-64; this is ${process.platform} on ${process.arch}`);
  const asked = process.env["PYTHON"];
  for (const program of asked === undefined ? [`python${MINOR}`, "python3"] : [asked]) {
    const found = about(program);
    if (found?.version.startsWith(`${MINOR}.`) === true) return found;
  }
  throw new Missing(`Python ${MINOR} with venv (Debian: apt-get install python${MINOR} python${MINOR}-venv libpython${MINOR})`);
}

function about(program: string): Python | undefined {
  const answer = said(program, ["-c", ABOUT]);
  if (answer === undefined) return undefined;
  const told: unknown = JSON.parse(answer);
  if (!Array.isArray(told)) return undefined;
  const [version = "", folder = "", library = ""] = told.map(String);
  // Debian names a static library here and ships the shared one in a package of its own.
  const shared = existsSync(join(folder, library.replace(/\.a$/, ".so"))) || existsSync(join(folder, `lib${`python${MINOR}`}.so.1.0`));
  return { program, version, libraries: shared ? folder : undefined };
}

/** What vLLM's installation needs beside Python. @throws Missing */
export function requireVllmParts(): void {
  for (const program of ["gcc", "readelf"])
    if (said(program, ["--version"]) === undefined) throw new Missing(`${program} (Debian: apt-get install gcc libc6-dev binutils)`);
  const libraries = said("/sbin/ldconfig", ["-p"]);
  if (libraries !== undefined && !libraries.includes("libnuma.so.1")) throw new Missing("libnuma.so.1 (Debian: apt-get install libnuma1)");
}

/** What Triton's python backend needs. @throws Missing */
export function requireTritonParts(python: Python): void {
  if (python.libraries === undefined)
    throw new Missing(`the shared library of ${python.program}, which Triton's models load (Debian: apt-get install libpython${MINOR})`);
}
