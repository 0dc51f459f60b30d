import { afterEach, expect, test } from 'vitest'
import { judge, message, phase, plan, rollout, stage, step } from '../../test/support/plan-builder.ts'
import { ana, mortal, type Scene, scene, start } from './engine.fixture.ts'
import type { EngineService } from './service.ts'

const minute = 60_000
// Nothing that a judge would say ends the wait for a person.
const patient = judge({ noData: { holdMs: 6000 * minute, then: 'ask' }, deadlineFactor: 6000 })
const stages = [stage(5, { promote: 'lead', soakMs: minute }), stage(100)]
const told = plan([phase('p', [step('r', rollout(stages, { judge: patient }))])], {
  channels: { ops: { kind: 'webhook', config: {} } },
  roles: { lead: [{ id: 'ana', key: null }] },
  messages: [message('update', 'rollout.started', { to: ['ops'], everyMs: 30 * minute })],
})

/** Instants, in minutes from the first one, at which updates were sent, over all engines. */
function watched(at: Scene): number[] {
  const sent: number[] = []
  const first = at.clock.now()
  const ports = at.world.ports.bind(at.world)
  at.world.ports = (store) => ({
    ...ports(store),
    messenger: {
      send: async (_message, channel) => {
        if (channel === 'ops') sent.push(Math.round((at.clock.now() - first) / minute))
        return { ok: true, final: true, say: '200' }
      },
    },
  })
  return sent
}

let running: EngineService | null = null
afterEach(async () => {
  await running?.stop()
  running = null
})

test('updates come every half hour while a person is waited for, once each over a restart, and never after the end', async () => {
  const at = scene()
  const sent = watched(at)
  const life = mortal(at.store)
  const dead = at.engine('dead', life.store)
  void dead.attend()
  const release = await start(dead, told)
  await at.clock.pass(65 * minute)
  expect(sent).toEqual([0, 30, 60])
  life.die()
  await at.clock.pass(100 * minute)
  expect(sent).toEqual([0, 30, 60])
  running = at.engine('next')
  void running.attend()
  await at.clock.pass(10 * minute)
  // One for all that were missed while nobody was there, then in its own time again.
  expect(sent).toHaveLength(4)
  await at.clock.pass(60 * minute)
  expect(sent).toHaveLength(6)
  const ended = await running.ask(release, { kind: 'Rollback', why: 'enough' }, ana, null)
  expect(ended.kind).toBe('accepted')
  await at.clock.pass(120 * minute)
  expect((await running.state(release))?.phase).toBe('rolled-back')
  expect(sent).toHaveLength(6)
  expect(at.faults).toEqual([])
})
