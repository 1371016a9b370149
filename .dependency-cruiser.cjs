/** Which folder may import which: the picture in docs/decisions/0001 as rules that fail the check. */
const CORE = "^src/(domain|config|openai|policies|routing|admission|metering|evidence)/|^src/(ports|bounds|faults)\\.ts$";
const LEAF = "^src/(backends|transport|gate|storage|tokens|telemetry)/";
/** What a leaf may see of the core: the nouns, the ports, and the wire for those that speak it. */
const SEAMS = "^src/domain/|^src/(ports|bounds|faults)\\.ts$";

/** Node's own modules that are not on Workers, or do there what nobody may do here; hashes and Buffer are. */
const NODE_ONLY = "net|tls|http|https|http2|dgram|dns|fs|os|child_process|worker_threads|cluster|process|module|v8|vm|readline";

const rule = (name, comment, from, to) => ({ name, comment, severity: "error", from, to });

module.exports = {
  forbidden: [
    rule(
      "no-cycles",
      "Modules that load each other are one. Types may point back.",
      { path: "^src/" },
      { circular: true, viaOnly: { dependencyTypesNot: ["type-only"] } },
    ),
    rule("no-orphans", "A dead file.", { orphan: true, path: "^src/", pathNot: "\\.d\\.ts$" }, {}),
    rule("nothing-unresolved", "An import that leads nowhere.", { path: "^src/" }, { couldNotResolve: true, pathNot: "^cloudflare:" }),

    rule("domain-imports-nothing", "Nouns stand by themselves.", { path: "^src/domain/" }, { pathNot: "^src/domain/" }),
    rule("core-sees-core", "The core imports only the core.", { path: CORE }, { path: "^src/", pathNot: CORE }),
    rule("core-knows-no-runtime", "The core runs anywhere.", { path: CORE }, { dependencyTypes: ["core"] }),
    rule(
      "core-knows-no-package",
      "zod, and yaml in config/, are all that the core sees.",
      { path: CORE },
      { path: "node_modules/", pathNot: "node_modules/(zod|yaml)/" },
    ),
    rule(
      "yaml-in-config",
      "Files are read in one place.",
      { path: "^src/", pathNot: "^src/(config|cli|entry)/" },
      { path: "node_modules/yaml/" },
    ),
    rule("law-knows-no-taste", "Only the decide stage joins them.", { path: "^src/policies/" }, { path: "^src/routing/" }),
    rule("taste-knows-no-law", "Only the decide stage joins them.", { path: "^src/routing/" }, { path: "^src/policies/" }),

    rule(
      "stages-see-ports",
      "Stages talk to ports, never to who implements them.",
      { path: "^src/(stages/|gateway\\.ts)" },
      { path: `${LEAF}|^src/(routes|entry|cli|simulator)/|^src/app\\.ts$` },
    ),
    rule(
      "stages-know-no-runtime",
      "The straight line runs anywhere.",
      { path: "^src/(stages/|gateway\\.ts)" },
      { dependencyTypes: ["core"] },
    ),

    rule(
      "leaves-see-seams",
      "A leaf implements ports; it calls nobody.",
      { path: LEAF, pathNot: "^src/(backends|gate)/" },
      { path: "^src/", pathNot: `${SEAMS}|${LEAF}` },
    ),
    rule(
      "backends-see-the-wire",
      "An adapter also speaks the wire.",
      { path: "^src/backends/" },
      { path: "^src/", pathNot: `${SEAMS}|${LEAF}|^src/openai/` },
    ),
    rule(
      "gate-sees-admission",
      "A gate keeps the state that the windows of admission/ reckon with.",
      { path: "^src/gate/" },
      { path: "^src/", pathNot: `${SEAMS}|${LEAF}|^src/admission/` },
    ),
    rule(
      "leaves-are-strangers",
      "One family of leaves never imports another.",
      { path: "^src/(backends|transport|gate|storage|tokens|telemetry)/" },
      { path: LEAF, pathNot: "^src/$1/" },
    ),
    rule(
      "law-mints",
      "A clearance is made in policies/, checked in transport/, and passed on by type.",
      { path: "^src/", pathNot: "^src/(policies|transport|stages|domain)/|^src/ports\\.ts$" },
      { path: "^src/domain/clearance\\.ts$" },
    ),

    rule(
      "hono-at-the-edge",
      "Only the edge knows the framework.",
      { path: "^src/", pathNot: "^src/(routes|entry)/|^src/app\\.ts$" },
      { path: "node_modules/(@hono|hono)/" },
    ),
    rule(
      "sockets-in-transport",
      "The only sockets towards engines; the simulator's are the engines' own.",
      { path: "^src/", pathNot: "^src/(transport|entry|simulator)/" },
      { path: "^(net|tls|http|https|http2|dgram)$|node_modules/undici/" },
    ),
    rule(
      "nobody-sees-entry",
      "An entry is where everything begins.",
      { path: "^src/", pathNot: "^src/(entry|cli)/" },
      { path: "^src/entry/" },
    ),
    rule(
      "simulator-stands-apart",
      "Simulated engines share no code with what they test, save the clock and the bounds.",
      { path: "^src/simulator/", pathNot: "^src/simulator/main\\.ts$" },
      { path: "^src/", pathNot: "^src/simulator/|^src/(ports|bounds)\\.ts$" },
    ),
    rule(
      "launcher-launches",
      "The program of a simulated engine lies in cli/, where real time is at home.",
      { path: "^src/simulator/main\\.ts$" },
      { path: "^src/", pathNot: "^src/cli/simulator\\.ts$" },
    ),
    rule("product-knows-no-test", "Tests import the product.", { path: "^src/" }, { path: "^(test|bench|scripts)/" }),
    rule("sdk-is-for-tests", "The SDK never ships in the gateway.", { path: "^src/" }, { path: "node_modules/openai/" }),

    rule(
      "worker-never-reaches-node",
      "Would break the bundle for Workers.",
      { path: "^src/entry/worker\\.ts$" },
      {
        path: `^(${NODE_ONLY})(/|$)|better-sqlite3|ioredis|node_modules/(pg|postgres|undici|pino|prom-client|citty)/|@hono/node-server|@opentelemetry|^src/(cli|simulator)/|^src/entry/node`,
        reachable: true,
      },
    ),
    rule(
      "platform-in-worker",
      "Workers' own modules exist only there.",
      { path: "^src/", pathNot: "^src/entry/worker" },
      { path: "^cloudflare:" },
    ),
    rule(
      "node-never-reaches-worker",
      "Bindings of Workers exist only there.",
      { path: "^src/entry/node\\.ts$" },
      { path: "cloudflare:|^src/entry/worker", reachable: true },
    ),
  ],
  options: {
    tsPreCompilationDeps: true,
    tsConfig: { fileName: "tsconfig.json" },
    doNotFollow: { path: "node_modules" },
    enhancedResolveOptions: {
      exportsFields: ["exports"],
      conditionNames: ["import", "types", "default"],
      extensions: [".ts", ".js", ".json"],
    },
  },
};
