import { expect, test } from 'vitest'
import { type Log, openLog } from './log.ts'

async function written(format: 'plain' | 'json', tell: (log: Log) => void): Promise<string[]> {
  const lines: string[] = []
  tell(await openLog(format, (line) => void lines.push(line)))
  return lines
}

test('a JSON log writes one object a line, with time, level and fields', async () => {
  const [line = '', ...more] = await written('json', (log) =>
    log.tell('warn', 'slow', { ms: 7, route: '/v1/releases/{id}' }),
  )
  expect(more).toEqual([])
  expect(line.endsWith('\n')).toBe(true)
  expect(JSON.parse(line)).toMatchObject({ level: 'warn', message: 'slow', ms: 7, route: '/v1/releases/{id}' })
  expect(Date.parse((JSON.parse(line) as { time: string }).time)).toBeGreaterThan(0)
})

test('nothing from outside forges a line or moves the cursor', async () => {
  const evil = 'ana\n2026-01-01T00:00:00Z all is well\u001b[2K\u009b2K\u2028\u202e'
  const [json = ''] = await written('json', (log) => log.line(evil))
  expect(json.split('\n')).toHaveLength(2)
  expect(json).not.toMatch(/[\u007f-\u009f\u2028-\u202e]/)
  expect((JSON.parse(json) as { message: string }).message).toBe(evil)
  const [plain = ''] = await written('plain', (log) => log.tell('info', 'signed in', { by: 'ana\u001b[2K' }))
  expect(plain).toMatch(/Z signed in by=ana\\x1b\[2K\n$/)
})

test('debug is left out', async () => {
  expect(await written('plain', (log) => log.tell('debug', 'x'))).toEqual([])
  expect(await written('json', (log) => log.tell('debug', 'x'))).toEqual([])
})
