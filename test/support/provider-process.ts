/** Starts the real OpenID provider of the tests, and talks to it as its administrator would. */
import { type ChildProcess, spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { Browser } from './browser.ts'

export interface ProviderProcess {
  readonly issuer: string
  /** It answers once it knows whom to tell of logouts; null = nobody. */
  tellsOfLogouts(address: string | null): void
  /** From the next sign-in on. */
  puts(person: string, groups: readonly string[]): Promise<void>
  /** What the person who is signed in with this browser clicks to leave. */
  signsOut(browser: Browser): Promise<void>
  end(): void
}

export async function startProvider(): Promise<ProviderProcess> {
  const child = spawn(process.execPath, [fileURLToPath(new URL('openid-provider.ts', import.meta.url))], {
    stdio: ['pipe', 'pipe', 'ignore'],
  })
  const issuer = await issuerOf(child)
  return {
    issuer,
    tellsOfLogouts: (address) => void child.stdin.end(address ?? ''),
    async puts(person, groups) {
      const answer = await fetch(`${issuer}/groups/${person}`, { method: 'PUT', body: JSON.stringify(groups) })
      if (answer.status !== 204) throw new Error(`the provider takes no groups: ${answer.status}`)
    },
    async signsOut(browser) {
      const { text } = await browser.open(`${issuer}/session/end`)
      const action = /action="([^"]+)"/.exec(text)?.[1] ?? ''
      const xsrf = /name="xsrf" value="([^"]+)"/.exec(text)?.[1] ?? ''
      const done = await browser.open(action, () => false, new URLSearchParams({ xsrf, logout: 'yes' }))
      if (done.status !== 200) throw new Error(`the provider signs nobody out: ${done.status} ${done.text}`)
    },
    end: () => void child.kill(),
  }
}

function issuerOf(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    child.stdout
      ?.setEncoding('utf8')
      .once('data', (line: string) => resolve((JSON.parse(line) as { issuer: string }).issuer))
    child.once('exit', (code) => reject(new Error(`the provider ended with ${code}`)))
  })
}
