/** `holdpoint demo` on a terminal and in a browser at once: one link, one release that moves, and a page that stays. */
import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { hasChromium, openWindows, type Windows } from '../support/web-team.ts'

const bin = fileURLToPath(new URL('../../bin/holdpoint.js', import.meta.url))
/** Of util-linux: gives a program a terminal. */
const SCRIPT = '/usr/bin/script'
const PATIENCE_MS = 60_000

function hasTerminals(): boolean {
  if (existsSync(SCRIPT)) return true
  if (process.env['CI'] === 'true') throw new Error('script of util-linux is needed in CI and is not installed')
  console.warn('script of util-linux is not installed: this test is skipped')
  return false
}

describe.skipIf(!hasChromium() || !hasTerminals())('the demo on a terminal', () => {
  let folder: string
  let windows: Windows
  let terminal: ChildProcess
  let printed = ''
  let code: number | null | undefined

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'hp-demo-web-'))
    windows = await openWindows()
    const line = `'${process.execPath}' '${bin}' demo --fast --bad --no-open`
    terminal = spawn(SCRIPT, ['-qec', line, '/dev/null'], {
      cwd: folder,
      stdio: ['pipe', 'pipe', 'inherit'],
      env: { ...process.env, TERM: 'xterm', COLUMNS: '100', LINES: '40', CI: '' },
    })
    terminal.stdout?.setEncoding('utf8').on('data', (text: string) => (printed += text))
    terminal.once('close', (ended) => (code = ended))
  })
  afterAll(async () => {
    terminal.kill()
    await windows?.end()
    rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 300 })
  })

  test('its link leads, signed in, to the release that moves; it goes back by itself; the page stays until Ctrl-C', async () => {
    await until(() => /#hpi_\S+/.test(printed))
    const link = /http:\/\/127\.0\.0\.1:\d+\/enter#hpi_[\w-]+/.exec(printed)?.[0] ?? ''
    const page = await (await windows.open()).newPage()
    await page.goto(link)
    await page.getByRole('heading', { name: /^shop 1\.9\.0/ }).waitFor()
    expect(page.url()).toMatch(/\/releases\/shop-1\.9\.0-\w+$/)
    await page.locator('[data-step]', { hasText: 'Two engineers want' }).waitFor()

    const other = await (await windows.open()).newPage()
    await other.goto(link)
    await other.getByRole('alert').getByText('not valid any more').waitFor()
    await other.goto(new URL('/', link).href)
    await other.getByLabel('Password').waitFor()

    await until(() => printed.includes('until you press Ctrl-C'))
    await page.locator('.bar', { hasText: /Rolled back/ }).waitFor({ timeout: PATIENCE_MS })
    await page.reload()
    await page.locator('.bar', { hasText: /Rolled back/ }).waitFor()
    expect(code).toBeUndefined()
    terminal.stdin?.write('\u0003')
    await until(() => code !== undefined)
    expect(code).toBe(1)
    await expect(fetch(new URL('/', link))).rejects.toThrow()
  }, 180_000)
})

async function until(holds: () => boolean): Promise<void> {
  const deadline = Date.now() + PATIENCE_MS
  while (!holds()) {
    if (Date.now() > deadline) throw new Error('it does not come')
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}
