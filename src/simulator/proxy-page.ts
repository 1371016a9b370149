/** The HTML that a reverse proxy shows when the engine behind it is away: an answer that is no engine's. */

export function proxyPage(status: number): string {
  const title = status === 200 ? "Welcome" : `${status} Bad Gateway`;
  return `<html>\n<head><title>${title}</title></head>\n<body>\n<center><h1>${title}</h1></center>\n</body>\n</html>\n`;
}
