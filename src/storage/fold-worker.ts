/** The thread that folds and answers usage queries, so that neither ever holds up a request. */
import { parentPort, workerData } from "node:worker_threads";
import type { MessagePort } from "node:worker_threads";
import type { Database } from "better-sqlite3";
import { openDatabase } from "./database.ts";
import type { FoldAnswer, FoldRequest, FoldSettings } from "./fold-messages.ts";
import { JournalFold } from "./fold.ts";

function answer(request: FoldRequest, foldOf: (lane?: number) => JournalFold, database: Database): FoldAnswer {
  const { id } = request;
  switch (request.kind) {
    case "fold":
      return { id, kind: "fold", report: foldOf(request.lane).run(request.until) };
    case "orphans":
      return { id, kind: "orphans", orphans: foldOf(request.lane).orphansAt(request.until) };
    case "query": {
      const report = foldOf(request.lane).run(request.until);
      const { sql, params } = request.statement;
      return {
        id,
        kind: "query",
        report,
        rows: database
          .prepare(sql)
          .raw()
          .all(...params),
      };
    }
    case "close":
      database.close();
      return { id, kind: "closed" };
  }
}

function serve(port: MessagePort, settings: FoldSettings): void {
  const database = openDatabase(settings.dir);
  const folds = new Map<number, JournalFold>();
  const foldOf = (lane = 0): JournalFold => {
    let fold = folds.get(lane);
    if (fold === undefined) folds.set(lane, (fold = new JournalFold(database, { ...settings, lane })));
    return fold;
  };
  port.on("message", (request: FoldRequest) => {
    let reply: FoldAnswer;
    try {
      reply = answer(request, foldOf, database);
    } catch (failure) {
      reply = { id: request.id, kind: "failed", message: failure instanceof Error ? failure.message : String(failure) };
    }
    port.postMessage(reply);
    if (reply.kind === "closed") port.close();
  });
}

function settingsOf(value: unknown): FoldSettings {
  if (typeof value === "object" && value !== null && "dir" in value && "insertSettlement" in value) {
    const { dir, insertSettlement } = value;
    if (typeof dir === "string" && typeof insertSettlement === "string") return { dir, insertSettlement };
  }
  throw new Error("the folding thread was started without its settings");
}

// Starting is this file's whole purpose: it is loaded as a thread and never imported.
if (parentPort !== null) serve(parentPort, settingsOf(workerData));
