import { readFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { runSeed } from './seed.ts'

const saved = JSON.parse(await readFile(new URL('saved-seeds.json', import.meta.url), 'utf8')) as readonly {
  seed: number
  found: string
}[]

test.each(saved)('seed $seed, which once showed that $found, holds now', async ({ seed }) => {
  expect((await runSeed(seed)).broken).toEqual([])
})

test('the same seed gives the same history, byte for byte', async () => {
  const [once, again] = [await runSeed(7), await runSeed(7)]
  expect(once.log.length).toBeGreaterThan(20)
  expect(again.log.map((event) => event.hash)).toEqual(once.log.map((event) => event.hash))
})

test('the weather of a few seeds brings crashes, rollbacks and completed releases', async () => {
  const outcomes = []
  for (let seed = 1; seed <= 200; seed += 1) outcomes.push(await runSeed(seed))
  const phases = new Set(outcomes.flatMap((outcome) => outcome.releases.map((release) => release.phase)))
  const kinds = new Set(outcomes.flatMap((outcome) => outcome.log.map(({ event }) => event.kind)))
  expect(outcomes.reduce((sum, outcome) => sum + outcome.crashes, 0)).toBeGreaterThan(10)
  expect([...phases]).toEqual(expect.arrayContaining(['closed', 'rolled-back']))
  expect([...kinds]).toEqual(
    expect.arrayContaining([
      'AttemptSettled',
      'TriggerFired',
      'TrafficRestored',
      'HoldPlaced',
      'ApprovalGiven',
      'StepWaived',
      'MessageFailed',
      'ReleaseSuperseded',
      'IncidentDeclared',
      'WindowOverridden',
      'ReleaseRescheduled',
      'HandoverAcknowledged',
      'MessageEdited',
      'MessageDropped',
    ]),
  )
}, 300_000)
