/** One JSON line for each thing said: the platform collects what is written here. */

export type Say = (level: "info" | "warn" | "error", message: string, fields: Readonly<Record<string, string | number>>) => void;

export const say: Say = (level, message, fields) => {
  console.log(JSON.stringify({ level, time: Date.now(), msg: message, ...fields }));
};
