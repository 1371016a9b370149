/** Reads the rare event that is not one `data:` line: comments, event names, ids, several data lines, other line ends. */

export interface Event {
  /** The data lines joined; undefined: the event has none. A line feed between them becomes a space, which JSON treats alike. */
  readonly data: string | undefined;
  /** The event says that it is an error. */
  readonly error: boolean;
}

/** A frame as FrameReader cuts it. Ids, retry times and comments are dropped: they break the SDKs. */
export function readEvent(frame: Buffer): Event {
  const data: string[] = [];
  let error = false;
  for (const line of frame.toString("utf8").split(/\r\n|\n|\r/)) {
    const colon = line.indexOf(":");
    const name = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? "" : line.slice(line[colon + 1] === " " ? colon + 2 : colon + 1);
    if (name === "data") data.push(value);
    else if (name === "event") error = value === "error";
    else if (name === "error") {
      // llama.cpp has answered so: a field of that name, with the error object as its value.
      data.push(value);
      error = true;
    }
  }
  return { data: data.length === 0 ? undefined : data.join(" "), error };
}
