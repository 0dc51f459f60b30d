import { PassThrough } from 'node:stream'
import { expect, test } from 'vitest'
import { confirm } from './ask-line.ts'

/** What a person types at the question, and how the command ends: null = it goes on. */
async function ending(keys: string | null): Promise<{ readonly exit: number; readonly said: string } | null> {
  const input = new PassThrough()
  const output = new PassThrough()
  const asked = confirm(
    'Release shop 2.0?',
    { say: 'not started', code: 'not-started' },
    { input, output, terminal: true },
  )
  if (keys === null) input.end()
  else input.write(keys)
  try {
    await asked
    return null
  } catch (fault) {
    const { exit, message } = fault as { exit: number; message: string }
    return { exit, said: message }
  }
}

test.each(['y\r', 'Yes\r'])('a question goes on only with a yes: %j', async (keys) => {
  expect(await ending(keys)).toBeNull()
})

test.each(['\r', 'n\r', 'yo\r', null])('anything else is a no, with exit 1: %j', async (keys) => {
  expect(await ending(keys)).toEqual({ exit: 1, said: 'not started' })
})

test('Ctrl-C at a question is an interruption, with exit 130', async () => {
  expect(await ending('y\u0003')).toEqual({ exit: 130, said: 'not started' })
})
