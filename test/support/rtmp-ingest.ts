/** A real nginx that takes RTMP, makes HLS of it, tells its statistics, and turns away whoever has the key `stolen`. */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePort, programs, startProgram, until } from './programs.ts'

/** Where Debian and others put it; it is no program, so nobody may execute it. */
const rtmpModule =
  ['/usr/lib/nginx/modules/ngx_rtmp_module.so', '/usr/share/nginx/modules/ngx_rtmp_module.so'].find((path) =>
    existsSync(path),
  ) ?? null

/** For describeWith: null where one is missing. */
export const ingestPrograms = { nginx: programs.nginx, 'libnginx-mod-rtmp': rtmpModule }

export interface Ingest {
  readonly port: number
  /** `http://127.0.0.1:…` with `/stat` and `/hls/KEY.m3u8`. */
  readonly web: string
  /** For playlists of a test's own. */
  readonly folder: string
  readonly said: () => string
  stop(): Promise<void>
}

export async function startIngest(): Promise<Ingest> {
  const folder = mkdtempSync(join(tmpdir(), 'holdpoint-ingest-'))
  const [port, webPort] = [await freePort(), await freePort()]
  const guard = createServer((request, response) => {
    let body = ''
    request.on('data', (chunk: Buffer) => (body += chunk.toString()))
    request.on('end', () => response.writeHead(body.includes('name=stolen') ? 403 : 200).end())
  })
  await new Promise<void>((resolve) => guard.listen(0, '127.0.0.1', resolve))
  const asked = `http://127.0.0.1:${(guard.address() as AddressInfo).port}/`
  mkdirSync(join(folder, 'hls'))
  writeFileSync(
    join(folder, 'nginx.conf'),
    `load_module ${rtmpModule};
    daemon off; master_process off; pid ${folder}/pid; error_log stderr warn; worker_processes 1;
    events { worker_connections 64; }
    rtmp { server { listen 127.0.0.1:${port}; chunk_size 4096; access_log off;
      application live { live on; hls on; hls_path ${folder}/hls; hls_fragment 1s; hls_playlist_length 4s; on_publish ${asked}; }
      application locked { live on; deny publish all; } } }
    http { access_log off; client_body_temp_path ${folder}; proxy_temp_path ${folder}; fastcgi_temp_path ${folder};
      uwsgi_temp_path ${folder}; scgi_temp_path ${folder};
      server { listen 127.0.0.1:${webPort}; root ${folder}; location /stat { rtmp_stat all; } } }`,
  )
  const server = startProgram(programs.nginx ?? '', ['-p', folder, '-c', join(folder, 'nginx.conf')])
  const web = `http://127.0.0.1:${webPort}`
  await until('nginx answers', async () => (await fetch(`${web}/stat`)).ok)
  return {
    port,
    web,
    folder,
    said: server.said,
    async stop() {
      await server.stop()
      guard.closeAllConnections()
      guard.close()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}
