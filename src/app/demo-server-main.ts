/** Entry of the demo's server: `serve` on a free port of this machine, for as long as the demo that started it lives. */
import module from 'node:module'

module.enableCompileCache()
const [{ readConfig }, { serve }] = await Promise.all([import('../config/config.ts'), import('./serving.ts')])

// The demo holds the other end of this pipe: when it goes, so does its server.
process.stdin.resume()
process.stdin.on('end', () => process.kill(process.pid, 'SIGTERM'))

process.exitCode = await serve(readConfig(process.env, { store: process.argv[2] ?? '' }), {
  network: { host: '127.0.0.1', port: 0, tls: null, proxies: [], urls: [] },
  openid: null,
  onReady: (told) => process.stdout.write(`${JSON.stringify(told)}\n`),
  onFault: (why) => process.stderr.write(`${why}\n`),
})
