/** The container file against our rules, and each rule against a file that breaks it. */
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { breaches, CONTAINERFILE } from "../../scripts/container-lint.ts";
import { parseContainerfile } from "../../scripts/containerfile.ts";

const text = readFileSync(CONTAINERFILE, "utf8");
const changed = (from: string | RegExp, to: string): string => {
  expect(text).toMatch(from);
  return text.replace(from, to);
};

it("the container file holds to all rules", () => {
  expect(breaches(text)).toEqual([]);
});

describe("a file is found that", () => {
  it.each([
    ["names its base", "FROM ${BASE_IMAGE}", "FROM debian:12", "a base is an argument"],
    ["has a base without a default", /^ARG BASE_IMAGE=.*$/m, "ARG BASE_IMAGE", "no default"],
    ["takes the newest", "cc-debian12:nonroot", "cc-debian12:latest", "tomorrow"],
    ["takes no tag", "cc-debian12:nonroot", "cc-debian12", "tomorrow"],
    ["leaves the registry open", "docker.io/library/node:24-bookworm", "node:24-bookworm", "registry"],
    ["fetches what no hash names", "RUN npm install", "RUN apt-get install -y curl && npm install", "no hash"],
    ["runs scripts of packages", " --ignore-scripts", "", "scripts of packages"],
    ["runs as root", "USER 65532:65532", "", "as root"],
    ["runs as a name", "USER 65532:65532", "USER nonroot", "numbers above 999"],
    ["starts by a shell", 'CMD ["serve"]', "CMD serve", "no shell"],
    ["runs something in the last stage", "USER 65532:65532", "RUN true\nUSER 65532:65532", "no shell"],
    ["has no check of its health", /^HEALTHCHECK[^]*?"health"\]$/m, "", "one HEALTHCHECK"],
    ["has a check that needs a shell", /CMD \[.*"health"\]/, "CMD curl -f localhost", "needs a shell"],
    ["copies whatever lies there", "COPY ${PACKAGE} ", "COPY . ", "whatever lies there"],
    ["keeps a secret", "ENV NODE_ENV", "ENV ADMIN_KEY=abc NODE_ENV", "everybody's"],
  ])("%s", (_, from, to, wrong) => {
    expect(breaches(changed(from, to)).join()).toContain(wrong);
  });

  it("says what nobody here can read, with its line", () => {
    expect(() => parseContainerfile("ARG A=b\nFROM ${A}\nONBUILD RUN true\n")).toThrow(
      'line 3: there is no reading for "ONBUILD RUN true"',
    );
    expect(() => parseContainerfile("RUN true\n")).toThrow("line 1: nothing but ARG");
  });
});

it("a file is read with its stages, options and continued lines", () => {
  const { args, stages } = parseContainerfile(
    "# why\nARG A=x/y:1\nFROM ${A} AS one\nRUN a \\\n  # between\n  && b\nFROM ${A}\nCOPY --from=one --chown=1:1 /a /b\n",
  );
  expect(args).toEqual({ A: "x/y:1" });
  expect(stages.map(({ name, instructions }) => ({ name, instructions }))).toEqual([
    { name: "one", instructions: [{ line: 4, keyword: "RUN", flags: {}, text: "a && b" }] },
    { name: undefined, instructions: [{ line: 8, keyword: "COPY", flags: { from: "one", chown: "1:1" }, text: "/a /b" }] },
  ]);
});
