/** `holdpoint demo` as somebody at a terminal has it: its link, what it prints, and Ctrl-C at the end. */
import { spawn } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const bin = fileURLToPath(new URL('../../bin/holdpoint.js', import.meta.url))
/** Of util-linux: gives a program a terminal. */
const SCRIPT = '/usr/bin/script'
const PATIENCE_MS = 180_000
const LOOK_EVERY_MS = 50

export interface DemoOnTerminal {
  /** Signs in once. */
  readonly link: string
  /** null = it goes on. */
  code(): number | null
  /** Until this was printed. */
  printed(words: string): Promise<void>
  /** Ctrl-C, as often as it takes; resolves to its exit code. */
  interrupt(): Promise<number>
  end(): Promise<void>
}

export function hasTerminals(): boolean {
  if (existsSync(SCRIPT)) return true
  if (process.env['CI'] === 'true') throw new Error('script of util-linux is needed in CI and is not installed')
  console.warn('script of util-linux is not installed: these tests are skipped')
  return false
}

export async function demoOnTerminal(flags: readonly string[]): Promise<DemoOnTerminal> {
  const folder = mkdtempSync(join(tmpdir(), 'holdpoint-demo-terminal-'))
  const words = [process.execPath, bin, 'demo', '--no-open', ...flags].map((word) => `'${word}'`)
  // In place of the shell: one that stays would end of Ctrl-C itself.
  const line = ['exec', ...words].join(' ')
  const terminal = spawn(SCRIPT, ['-qec', line, '/dev/null'], {
    cwd: folder,
    stdio: ['pipe', 'pipe', 'inherit'],
    env: { ...process.env, TERM: 'xterm', COLUMNS: '100', LINES: '40' },
  })
  let text = ''
  let code: number | null = null
  terminal.stdout.setEncoding('utf8').on('data', (more: string) => (text += more))
  terminal.once('close', (ended) => (code = ended ?? -1))
  const until = async (holds: () => boolean): Promise<void> => {
    const deadline = Date.now() + PATIENCE_MS
    while (!holds()) {
      if (Date.now() > deadline) throw new Error(`it does not come; so far: ${text.slice(-2_000)}`)
      await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS))
    }
  }
  const link = (): string => /http:\/\/127\.0\.0\.1:\d+\/enter#hpi_[\w-]+(?=\s)/.exec(text)?.[0] ?? ''
  await until(() => link() !== '' || code !== null)
  return {
    link: link(),
    code: () => code,
    printed: (words) => until(() => text.includes(words)),
    async interrupt() {
      terminal.stdin.write('\u0003')
      await until(() => code !== null)
      return code ?? -1
    },
    async end() {
      if (code === null) terminal.kill()
      await until(() => code !== null)
      rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 300 })
    },
  }
}
