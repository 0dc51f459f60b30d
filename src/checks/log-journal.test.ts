/** A real journal, written by a tool of systemd: its lines are judged as those of any log. */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { describeWith, findProgram } from '../../test/support/programs.ts'
import type { CheckResult } from '../core/ports/check.ts'
import { log } from './log.ts'
import { runCheck } from './parts/powers.fixture.ts'

const writer = findProgram('/lib/systemd/systemd-journal-remote', '/usr/lib/systemd/systemd-journal-remote')
const journalctl = findProgram('/usr/bin/journalctl', '/bin/journalctl')

describeWith({ 'systemd-journal-remote': writer, journalctl }, 'the journal of systemd', () => {
  const directory = mkdtempSync(join(tmpdir(), 'holdpoint-journal-'))

  beforeAll(() => {
    const now = Date.now()
    const entry = (unit: string, agoS: number, message: string): string => {
      const at = (now - agoS * 1_000) * 1_000
      const text = Buffer.from(message)
      const size = Buffer.alloc(8)
      size.writeBigUInt64LE(BigInt(text.length))
      const head = `__REALTIME_TIMESTAMP=${at}\n__MONOTONIC_TIMESTAMP=${at}\n_BOOT_ID=${'a'.repeat(32)}\n_SYSTEMD_UNIT=${unit}\nSYSLOG_IDENTIFIER=shop\nPRIORITY=6\n`
      return `${head}MESSAGE\n${size.toString('latin1')}${text.toString('latin1')}\n\n`
    }
    const input = Buffer.from(
      entry('shop.service', 7_200, 'ERROR of yesterday') +
        entry('shop.service', 300, 'listening on 8080\nand ready') +
        entry('other.service', 200, 'ERROR of another') +
        entry('shop.service', 100, 'slow answer of 200 ms'),
      'latin1',
    )
    execFileSync(writer as string, ['-o', join(directory, 'system.journal'), '-'], {
      input,
      stdio: ['pipe', 'ignore', 'pipe'],
    })
  })
  afterAll(() => rmSync(directory, { recursive: true, force: true }))

  const check = (more: Record<string, unknown> = {}, unit = 'shop.service'): Promise<CheckResult> =>
    runCheck(log as never, { journal: { unit, directory }, last: '15m', forbid: 'ERROR', ...more })

  test('is read by unit and time, with every line of a message', async () => {
    const good = await check({ require: 'listening on' })
    expect(good).toMatchObject({ outcome: 'passed', say: '3 lines in 15m, nothing amiss' })
    expect((await check({ last: '3h' })).say).toContain('1 lines match /ERROR/, at most 0: ERROR of yesterday')
    expect((await check({ require: 'connected' })).say).toBe('no line matches /connected/')
    expect((await check({}, 'gone.service')).outcome).toBe('inconclusive')
  })
})

test('whose journal, and over what time, has to be said', () => {
  const problems = (config: unknown): string => JSON.stringify(log.config.safeParse(config).error?.issues)
  expect(problems({ journal: { unit: 'a' } })).toContain('expected last beside journal')
  expect(problems({ journal: {}, last: '5m' })).toContain('expected unit or identifier')
  expect(problems({ journal: { unit: '--root=/' }, last: '5m' })).toContain('does not begin with -')
  expect(problems({ journal: { unit: 'a' }, path: 'b', last: '5m' })).toContain('one of them')
})
