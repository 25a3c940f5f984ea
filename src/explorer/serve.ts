import { readdirSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join, relative, sep } from 'node:path';

const TYPES: Readonly<Record<string, string>> = {
  '.css': 'text/css; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.json': 'application/json',
  '.svg': 'image/svg+xml',
};

export interface Served {
  /** Without a slash at its end: `http://127.0.0.1:4000`. */
  readonly url: string;
  readonly close: () => Promise<void>;
}

/**
 * Serves the files of a folder to this machine alone, at a port (0: any that is free). What may be asked for is listed once, at
 * the beginning, so that no path leads out of the folder.
 *
 * @throws Error of Node if the port cannot be had (`EADDRINUSE`, `EACCES`)
 */
export async function serve(folder: string, port = 0): Promise<Served> {
  const files = filesByPath(folder);
  const server = createServer(async ({ method = '', url = '/' }, response) => {
    const file = files.get(pathOf(url));
    if (method !== 'GET' && method !== 'HEAD') response.writeHead(405, { allow: 'GET, HEAD' }).end();
    else if (file === undefined) await send(response, 404, files.get('/404.html'));
    else await send(response, 200, file);
  });
  await new Promise<void>((listening, failed) => {
    server.once('error', failed).listen(port, '127.0.0.1', listening);
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () =>
      new Promise((closed) => {
        server.close(() => closed());
        server.closeAllConnections();
      }),
  };
}

/** The files of a folder by the paths at which they are served: a page also without its `.html`, an index by its folder. */
function filesByPath(folder: string): ReadonlyMap<string, string> {
  const paths = new Map<string, string>();
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const file = join(entry.parentPath, entry.name);
    const path = `/${relative(folder, file).replaceAll(sep, '/')}`;
    for (const each of [path, path.replace(/\.html$/, ''), path.replace(/\/index\.html$/, '/')])
      paths.set(each, file);
  }
  return paths;
}

/** The path of a request, decoded; of one that cannot be, as it came. */
function pathOf(url: string): string {
  const path = url.replace(/[?#].*$/s, '');
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}

async function send(response: ServerResponse, status: number, file: string | undefined): Promise<void> {
  const content = file === undefined ? undefined : await readFile(file).catch(() => undefined);
  const type = TYPES[extname(file ?? '')] ?? 'application/octet-stream';
  if (content === undefined) {
    response.writeHead(404, { 'content-type': 'text/plain; charset=utf-8' }).end('not found\n');
    return;
  }
  response
    .writeHead(status, {
      'content-type': type,
      'content-length': content.length,
      'x-content-type-options': 'nosniff',
      // A site that is built anew keeps its address.
      'cache-control': 'no-cache',
    })
    .end(response.req.method === 'HEAD' ? undefined : content);
}
