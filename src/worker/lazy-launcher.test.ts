import { expect, test } from 'vitest'
import { lazyLauncher } from './lazy-launcher.ts'
import type { ConnectedLauncher } from './launcher-client.ts'

function counted(answers: readonly ('fails' | 'works')[]) {
  const calls: string[] = []
  let tries = 0
  const launcher = {
    peek: (attempt: string) => Promise.resolve(`output of ${attempt}`),
    shutdownWhenIdle: () => Promise.resolve(void calls.push('shutdown')),
    close: () => void calls.push('close'),
  } as unknown as ConnectedLauncher
  const connect = (): Promise<ConnectedLauncher> => {
    const answer = answers[tries]
    tries += 1
    return answer === 'works' ? Promise.resolve(launcher) : Promise.reject(new Error('no launcher'))
  }
  return { lazy: lazyLauncher(connect), calls, tries: () => tries }
}

test('nothing is started before the first command, and one launcher serves all', async () => {
  const { lazy, tries } = counted(['works'])
  expect(tries()).toBe(0)
  expect(await Promise.all([lazy.peek('a'), lazy.peek('b')])).toEqual(['output of a', 'output of b'])
  expect(tries()).toBe(1)
})

test('a launcher that could not start is tried again by the next command', async () => {
  const { lazy, tries } = counted(['fails', 'works'])
  await expect(lazy.peek('a')).rejects.toThrow('no launcher')
  expect(await lazy.peek('a')).toBe('output of a')
  expect(tries()).toBe(2)
})

test('retiring starts none, and ends the one there is', async () => {
  const never = counted([])
  await never.lazy.retire()
  never.lazy.close()
  expect(never.tries()).toBe(0)
  const used = counted(['works'])
  await used.lazy.peek('a')
  await used.lazy.retire()
  expect(used.calls).toEqual(['shutdown'])
})
