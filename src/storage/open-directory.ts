/** The directory alone, for commands that run beside a gateway: no journal, no lock. */
import { openDatabase } from "./database.ts";
import type { DeclaredDirectory } from "./directory-homes.ts";
import { SqliteDirectory } from "./directory.ts";
import type { DirectoryParts } from "./directory.ts";
import { migrate } from "./schema.ts";

export interface OpenDirectoryOptions extends Omit<DirectoryParts, "database"> {
  /** The data folder; made when missing. */
  readonly dir: string;
  readonly declared: DeclaredDirectory;
}

/** A running gateway over the same folder sees what is changed here within keyCacheMsMax. @throws Error for an id in both homes */
export function openDirectory({ dir, declared, clock, random, law }: OpenDirectoryOptions): {
  readonly directory: SqliteDirectory;
  close(): void;
} {
  const database = openDatabase(dir);
  try {
    migrate(database);
    const directory = new SqliteDirectory({ database, clock, random, law });
    directory.reload(declared);
    return {
      directory,
      close: () => {
        database.close();
      },
    };
  } catch (failure) {
    database.close();
    throw failure;
  }
}
