import { afterAll, describe, expect, test } from 'vitest'
import type { CommandRequest, Following } from '../../core/ports/launcher.ts'
import { Follower } from './follower.ts'
import { command, text, Workshop } from './test-support/workshop.ts'

const workshop = new Workshop()
const opened = workshop.launcher()
afterAll(() => workshop.clean())

const long: Following = { forMs: 60_000, until: [], never: [] }
async function followed(script: string, follow: Partial<Following>, more: Partial<CommandRequest> = {}) {
  const result = await (await opened).run(command(script, { effect: 'read', follow: { ...long, ...follow }, ...more }))
  return { ...result, ...text(result) }
}

/** A log that goes on for ever, with one line of its own in the middle. */
const endless = (line: string): string => `echo begins; echo "${line}" >&2; while true; do echo on; sleep 0.02; done`

describe('a command that does not end by itself', () => {
  test('is stopped at the first line that must not appear, on either output', async () => {
    const result = await followed(endless('ERROR: disk full'), { never: ['ERROR'] })
    expect(result).toMatchObject({ ended: 'followed', followed: { found: { ERROR: 'ERROR: disk full' } } })
    expect(result.stderr).toBe('ERROR: disk full\n')
  })

  test('is stopped once every line that must appear did', async () => {
    const result = await followed(endless('listening on 80'), { until: ['listening', '^on$'], never: ['ERROR'] })
    expect(result).toMatchObject({
      ended: 'followed',
      followed: { found: { listening: 'listening on 80', '^on$': 'on' } },
    })
  })

  test('is stopped when its time is over, and says how much it printed', async () => {
    const result = await followed('printf "one\\n\\ntwo\\nthree"; exec sleep 600', { forMs: 2_000, never: ['four'] })
    expect(result).toMatchObject({ ended: 'followed', stdout: 'one\n\ntwo\nthree', followed: { found: {}, lines: 2 } })
  })

  test('its own end and its time limit stay what they are', async () => {
    const own = await followed('echo ready; exit 3', { until: ['never'] })
    expect(own).toMatchObject({ ended: 'exit', exitCode: 3, followed: { lines: 1, found: {} } })
    const late = await followed('exec sleep 600', {}, { timeoutMs: 300 })
    expect(late).toMatchObject({ ended: 'timeout', followed: { lines: 0 } })
  })

  test('a pattern that cannot be read starts nothing', async () => {
    const result = await followed('echo began', { never: ['('] })
    expect(result).toMatchObject({ ended: 'not-started', stdout: '' })
    expect(result.why).toContain('/(/ is not a regular expression')
  })
})

describe('what is watched', () => {
  const watch = (follow: Partial<Following>) => {
    let times = 0
    const follower = new Follower({ ...long, ...follow }, () => (times += 1))
    const say = (words: string, output: 0 | 1 = 0): void => follower.add(output, Buffer.from(words))
    return { follower, say, times: () => times }
  }

  test('is lines, however they come: cut in the middle of a word or of a letter, and each output by itself', () => {
    const { follower, say, times } = watch({ until: ['größe: 3'] })
    const bytes = Buffer.from('größe: 3\n')
    follower.add(0, bytes.subarray(0, 3))
    say('grö', 1)
    follower.add(0, bytes.subarray(3))
    expect(times()).toBe(1)
    expect(follower.result()).toEqual({ lines: 1, found: { 'größe: 3': 'größe: 3' } })
  })

  test('after the stop counts only where it must not be', () => {
    const { follower, say, times } = watch({ until: ['ready'], never: ['panic'] })
    follower.stop()
    say('ready\npanic: goroutine 1\n')
    expect(follower.result()).toEqual({ lines: 0, found: { panic: 'panic: goroutine 1' } })
    expect(times()).toBe(0)
  })

  test('without line breaks is looked at in pieces, and what lies over the cut is found', () => {
    const { say, times } = watch({ never: ['secret'] })
    say(`${'.'.repeat(65_533)}sec`)
    say(`ret${'.'.repeat(70_000)}`)
    expect(times()).toBe(1)
  })
})
