import { afterEach, describe, expect, it } from "vitest";
import { BOUNDS } from "../../../src/bounds.ts";
import { WebTransport } from "../../../src/transport/web.ts";
import { transportContract } from "../../contract/transport.ts";
import { backendAt, clearanceFor, Notebook, OK, POST, ScriptedEngine, StandingClock, until } from "./support.ts";

transportContract((clock) => Object.assign(new WebTransport({ clock, fetch: (url, init) => fetch(url, init) }), { close: async () => undefined }));

const open: ScriptedEngine[] = [];
afterEach(async () => void (await Promise.all(open.splice(0).map((engine) => engine.close()))));
