import { describe, expect, test } from 'vitest'
import type { Gate } from '../../api/client-types.ts'
import type { Context } from '../context.ts'
import { gate } from './gate.ts'

const view = {
  release: 'shop-1.4.0-k1',
  waitsFor: [],
  phases: [{ steps: [{ id: 'go-live', text: 'Go live', state: 'waiting' }] }],
}

async function ask(status: Gate['status'], words: readonly string[], options: Readonly<Record<string, string>> = {}) {
  const [asked, told]: [string[], string[]] = [[], []]
  const context = {
    json: false,
    out: (line: string) => told.push(line),
    client: () =>
      Promise.resolve({
        show: (id: string) => Promise.resolve(id.startsWith('shop') ? view : null),
        list: () => Promise.resolve([{ id: view.release }]),
        ask: (_method: string, path: string) => {
          asked.push(path)
          return Promise.resolve({ release: view.release, status, open: status === 'open', say: 'because' })
        },
      }),
  } as unknown as Context
  return { exit: await gate(context, words, options), asked, told }
}

describe('holdpoint gate', () => {
  test.each([
    ['open', 0],
    ['waiting', 3],
    ['closed', 1],
  ] as const)('%s is exit code %i', async (status, exit) => {
    const answer = await ask(status, ['shop-1.4.0-k1', 'go-live'])
    expect(answer).toEqual({
      exit,
      asked: ['/v1/releases/shop-1.4.0-k1/gate?step=go-live'],
      told: [`${status}: because`],
    })
  })

  test('a word that this version does not know is no yes', async () => {
    expect((await ask('ajar' as never, ['shop-1.4.0-k1'])).exit).toBe(1)
  })

  test('asks by target, with the step as the only word', async () => {
    const target = { service: 'shop', environment: 'production', version: '1.4.0' }
    const { asked } = await ask('open', ['go-live'], target)
    expect(asked).toEqual(['/v1/gate?service=shop&environment=production&version=1.4.0&step=go-live'])
    await expect(ask('open', ['shop-1', 'go-live'], target)).rejects.toThrow('is not named too')
    await expect(ask('open', [], { service: 'shop' })).rejects.toThrow('--environment and --version missing')
  })

  test('asks about one point only, and says when there is no such release', async () => {
    await expect(ask('open', ['shop-1.4.0-k1', 'go-live'], { phase: 'gate' })).rejects.toThrow('not several')
    expect((await ask('open', ['shop-1.4.0-k1'], { stage: '25%' })).asked).toEqual([
      '/v1/releases/shop-1.4.0-k1/gate?stage=25%25',
    ])
    await expect(ask('open', ['bank-1'])).rejects.toThrow('there is no release "bank-1"')
  })
})
