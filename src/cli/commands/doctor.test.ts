/** What `doctor` says of the engine or server that commands ask. */
import { expect, test } from 'vitest'
import type { Context } from '../context.ts'
import type { CheckBlock, CommandSpec, Plan } from '../../core/plan/plan.ts'
import { engine } from './doctor.ts'
import { askedSteps } from './doctor-steps.ts'

const asking = (health: object) =>
  engine({
    config: { server: { url: 'https://releases.example.com', secret: null } },
    client: () => Promise.resolve({ health: () => Promise.resolve(health) }),
  } as unknown as Context)

test('of a server that is asked over the network it says which one is ready, for it tells no more', async () => {
  expect(await asking({ ok: true })).toEqual({
    what: 'engine',
    level: 'ok',
    say: 'the server https://releases.example.com is ready',
  })
  expect((await asking({ version: '0.1.0', pid: 7, open: 2 })).say).toBe('version 0.1.0, pid 7, 2 open')
})

test('it asks for checks of a watch and of a trigger, and for what leads back, as well; equal answers are one line', async () => {
  const check = (kind: string) => ({ word: 'check', kind, config: {} }) as unknown as CheckBlock
  const command = (kind: string) => ({ shell: 'action', script: JSON.stringify({ kind }) }) as unknown as CommandSpec
  const steps = [
    { id: 'a/look', block: check('http'), undo: null },
    { id: 'a/ship', block: { word: 'run', command: command('deploy') }, undo: command('back') },
    { id: 'b/watch', block: { word: 'watch', checks: [{ name: 'pages', check: check('http') }] }, undo: null },
    { id: 'b/say', block: { word: 'answer' }, undo: null },
  ]
  const plan = { steps, triggers: [{ id: 'errors', check: check('http') }] } as unknown as Plan
  const answers = { http: { level: 'bad', say: 'nobody listens' }, back: { level: 'later', say: 'not yet' } } as const
  const found: unknown[] = []
  for await (const finding of askedSteps(plan, (one) => {
    const kind = 'kind' in one ? one.kind : (JSON.parse(one.script) as { kind: string }).kind
    return Promise.resolve(answers[kind as keyof typeof answers] ?? null)
  }))
    found.push(finding)
  expect(found).toEqual([
    { what: 'a/look and 2 more (http)', level: 'bad', say: 'nobody listens' },
    { what: 'a/ship, its undo (back)', level: 'unasked', say: 'not yet' },
  ])
})
