/** `holdpoint login … --openid` as a process, with a browser that does what it says. */
import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { Browser } from './browser.ts'
import type { Ended } from './team-server.ts'

const bin = fileURLToPath(new URL('../../bin/holdpoint.js', import.meta.url))

/** `asked` gets every address that the browser opens. */
export function loginThroughProvider(
  home: string,
  args: readonly string[],
  login: string,
  browser = new Browser(),
  asked: string[] = [],
): Promise<Ended> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [bin, 'login', ...args, '--openid'], {
      env: { PATH: process.env['PATH'] ?? '', HOME: home },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    let out = ''
    let err = ''
    let isOpened = false
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => (out += chunk))
    child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
      err += chunk
      const address = /^ {2}(http\S+)\n/m.exec(err)?.[1]
      if (address === undefined || isOpened) return
      isOpened = true
      const note = (url: URL) => void asked.push(url.href)
      browser.signIn(address, login, (url) => (note(url), false)).catch(reject)
    })
    child.on('close', (code) => resolve({ code, out, err }))
  })
}
