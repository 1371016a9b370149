/** How storage tells the operator what no caller may see. Content-free: counts, names of files, messages. */
export type StorageLog = (level: "info" | "warn" | "error", message: string, fields: Readonly<Record<string, string | number>>) => void;
