import { describe, expect, it } from "vitest";
import { Fault } from "../../../src/faults.ts";
import { scan } from "../../../src/openai/json-scan.ts";
import { mediaParts } from "../../../src/openai/media.ts";

const DATA = "data:image/png;base64,AAAA";

function partsOf(text: string): number {
  const body = Buffer.from(text);
  const messages = scan(body, { isUtf8: () => true }).fields.get("messages");
  if (messages === undefined) throw new Error("a body with messages is needed");
  return mediaParts(body, messages);
}

const holding = (...content: readonly unknown[]): number =>
  partsOf(
    JSON.stringify({
      messages: [
        { role: "system", content: "s" },
        { role: "user", content },
      ],
    }),
  );

function refused(run: () => unknown): readonly (string | undefined)[] {
  try {
    run();
  } catch (fault) {
    if (fault instanceof Fault) return [fault.fault, fault.param];
  }
  return [];
}

describe("mediaParts", () => {
  it("counts what the request itself carries", () => {
    expect(holding({ type: "text", text: "hi" }, { type: "image_url", image_url: { url: DATA, detail: "low" } })).toBe(1);
    expect(holding({ type: "image_url", image_url: DATA }, { type: "video_url", video_url: { url: "data:video/mp4;base64,AAAA" } })).toBe(
      2,
    );
    expect(holding({ type: "input_audio", input_audio: { data: "UklGRg==", format: "wav" } })).toBe(1);
    expect(holding({ type: "image_embeds", image_embeds: "AAAA" }, { type: "image_url", image_url: null })).toBe(2);
  });

  it("counts no text that looks like it", () => {
    expect(holding({ type: "text", text: '"image_url": "https://x.test/1.png"' }, "image_url")).toBe(0);
    expect(partsOf('{"messages":[{"role":"user","content":"\\"image_url\\""},7,[1]]}')).toBe(0);
    expect(partsOf('{"messages":[{"role":"assistant","tool_calls":[{"image_url":"https://x.test"}]}]}')).toBe(0);
  });

  it.each<readonly [string, unknown, string]>([
    ["http", { type: "image_url", image_url: { url: "http://x.test/1.png" } }, "image_url.url"],
    ["https in capitals", { type: "image_url", image_url: { url: "HTTPS://x.test/1.png" } }, "image_url.url"],
    ["a URL without its object", { image_url: "https://x.test/1.png" }, "image_url"],
    ["a file", { type: "image_url", image_url: { url: "file:///etc/passwd" } }, "image_url.url"],
    ["a path", { type: "image_url", image_url: { url: "/etc/passwd" } }, "image_url.url"],
    ["blanks in front", { type: "image_url", image_url: { url: " data:image/png;base64,AAAA" } }, "image_url.url"],
    ["nothing", { type: "image_url", image_url: { url: "" } }, "image_url.url"],
    ["several", { type: "video_url", video_url: ["https://x.test/1"] }, "video_url"],
    ["a video", { type: "video_url", video_url: { url: "https://x.test/1.mp4" } }, "video_url.url"],
    ["a sound", { type: "audio_url", audio_url: { url: "s3://x/1.wav" } }, "audio_url.url"],
    ["a sound by URL", { type: "input_audio", input_audio: { url: "https://x.test/1.wav" } }, "input_audio.url"],
    ["a URL where data should be", { type: "input_audio", input_audio: { data: "https://x.test/1.wav" } }, "input_audio.data"],
    ["a kind that is not known yet", { type: "scent_url", scent_url: { url: "https://x.test/1" } }, "scent_url.url"],
  ])("refuses %s", (_, part, member) => {
    expect(refused(() => holding({ type: "text", text: "see" }, part))).toEqual(["invalid_value", `messages[1].content[1].${member}`]);
  });

  it("is not misled by escapes", () => {
    const hidden = (key: string, url: string): string => `{"messages":[{"role":"user","content":[{"${key}":{"url":"${url}"}}]}]}`;
    const param = "messages[0].content[0].image_url.url";
    expect(refused(() => partsOf(hidden("image\\u005furl", "https://x.test")))).toEqual(["invalid_value", param]);
    expect(refused(() => partsOf(hidden("image_url", "\\u0068ttps://x.test")))).toEqual(["invalid_value", param]);
    const inner = '{"messages":[{"role":"user","\\u0063ontent":[{"image_url":{"\\u0075rl":"https://x.test"}}]}]}';
    expect(refused(() => partsOf(inner))).toEqual(["invalid_value", param]);
  });

  it("refuses members that are given twice, one for each reader", () => {
    const twice = `{"messages":[{"role":"user","content":[{"image_url":{"url":"${DATA}"},"image_url":{"url":"https://x.test"}}]}]}`;
    expect(refused(() => partsOf(twice))).toEqual(["duplicate_parameter", "image_url"]);
  });

  it("refuses names of what somebody has sent before", () => {
    const part = { type: "image_url", image_url: null, uuid: "picture-1" };
    expect(refused(() => holding(part))).toEqual(["unsupported_parameter", "messages[1].content[0].uuid"]);
    expect(holding({ ...part, uuid: null })).toBe(1);
  });
});
