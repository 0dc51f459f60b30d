import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import type { CheckResult } from '../core/ports/check.ts'
import { log } from './log.ts'
import { classOf, timeOf } from './log-lines/lines.ts'
import { secretIn } from './parts/secret-shapes.ts'
import { evidenceText, runCheck } from './parts/powers.fixture.ts'

const root = mkdtempSync(join(tmpdir(), 'holdpoint-log-'))
afterAll(() => rmSync(root, { recursive: true, force: true }))

const clock = { now: () => Date.parse('2026-11-21T12:00:00Z'), sleep: () => Promise.resolve() }

function reading(text: string, config: Readonly<Record<string, unknown>>): Promise<CheckResult> {
  writeFileSync(join(root, 'app.log'), text)
  return runCheck(log as never, { path: 'app.log', ...config }, { root, clock })
}

const lines = [
  '2026-11-21T11:00:00Z INFO begun',
  '2026-11-21T11:30:00Z ERROR order 17 failed for "ana"',
  '    at charge (pay.ts:7)',
  '2026-11-21T11:59:00Z INFO listening on 8080',
].join('\n')

test('what must not be there is counted, with the first such line', async () => {
  expect(await reading(lines, { forbid: 'ERROR' })).toMatchObject({
    outcome: 'failed',
    say: '1 lines match /ERROR/, at most 0: 2026-11-21T11:30:00Z ERROR order 17 failed for "ana"',
    facts: { forbidden: 1, lines: 4 },
  })
  expect((await reading(lines, { forbid: 'ERROR', max: 1 })).say).toBe('4 lines, nothing amiss')
  expect((await reading(lines, { require: 'listening' })).outcome).toBe('passed')
  expect((await reading(lines, { require: 'stopped' })).say).toBe('no line matches /stopped/')
})

test('only lines of the time that is asked for count; one without a time belongs to the one before', async () => {
  expect((await reading(lines, { forbid: 'ERROR', last: '10m' })).outcome).toBe('passed')
  expect((await reading(lines, { forbid: 'pay\\.ts', last: '45m' })).outcome).toBe('failed')
  expect((await reading(lines, { forbid: 'ERROR', last: '10s' })).say).toBe('0 lines in 10s, expected at least 1')
  expect((await reading('no time here\n', { forbid: 'x', last: '1h' })).outcome).toBe('errored')
})

test('an error of a kind that the version before did not have fails, and one with other numbers is of the same kind', async () => {
  writeFileSync(join(root, 'before.log'), '2026-11-20T09:00:00Z ERROR order 3 failed for "bo"\n')
  const config = { errors: 'ERROR', 'compared-with': 'before.log' }
  expect((await reading(lines, config)).outcome).toBe('passed')
  const result = await reading(`${lines}\n2026-11-21T11:59:30Z ERROR cache is gone\n`, config)
  expect(result).toMatchObject({ outcome: 'failed', facts: { new_errors: ['ERROR cache is gone'] } })
  expect((await reading(lines, { ...config, 'compared-with': 'gone.log' })).outcome).toBe('errored')
})

test('a secret in a log fails, and is neither told nor kept', async () => {
  const key = `AKIA${'A1B2'.repeat(4)}`
  const result = await reading(`${lines}\n2026-11-21T11:59:30Z ERROR key ${key}\n`, { forbid: 'ERROR' })
  expect(result.say).toContain('line 5 holds what looks like an AWS key')
  expect(JSON.stringify(result) + evidenceText(result)).not.toContain(key)
})

test('every line is a JSON object where that is asked for', async () => {
  expect((await reading('{"time":1,"msg":"a"}\n{"msg":"b"}\n', { json: true })).outcome).toBe('passed')
  expect((await reading('{"msg":"a"}\nTraceback\n', { json: true })).say).toBe('line 2 is no JSON object: Traceback')
})

test.each([
  ['2026-11-21 12:00:00,123 WARN x', '2026-11-21T12:00:00.123Z'],
  ['[2026-11-21T13:00:00+0100] x', '2026-11-21T12:00:00.000Z'],
  ['{"ts":1795262400,"msg":"x"}', '2026-11-21T12:00:00.000Z'],
  ['{"time":1795262400123}', '2026-11-21T12:00:00.123Z'],
  ['{"@timestamp":"2026-11-21T12:00:00Z"}', '2026-11-21T12:00:00.000Z'],
  ['127.0.0.1 - - [21/Nov/2026:13:00:00 +0100] "GET / HTTP/1.1" 200', '2026-11-21T12:00:00.000Z'],
])('the time of %s', (line, time) => {
  expect(new Date(timeOf(line) ?? Number.NaN).toISOString()).toBe(time)
})

test('kinds of errors do not depend on ids, and what is no secret is none', () => {
  expect(classOf('2026-11-21T11:00:00Z ERROR user 7f9c24e5-1111-2222-3333-444455556666 gone after 30ms')).toBe(
    'ERROR user # gone after #ms',
  )
  expect(classOf('{"level":50,"msg":"order 9 failed"}')).toBe('order # failed')
  expect(secretIn('postgres://app:hunter22@db/app')).toBe('a password in an address')
  for (const harmless of ['http://shop.example:8080/a@b', 'postgres://app:***@db/app', 'AKIA', 'eyJ.eyJ.x'])
    expect(secretIn(harmless)).toBeNull()
})
