/** When a run stops attending, and with which exit code. */
import { expect, test } from 'vitest'
import type { ReleaseView, WaitingKind } from '../../report/view.ts'
import { scenes } from '../terminal/scenes.fixture.ts'
import type { Patience } from './ending.ts'
import { endingOf } from './ending.ts'

const script: Patience = { until: 'released', waitMs: 60_000, interactive: false }
const scene = (name: string): ReleaseView => scenes[name]!()

const waitingFor = (kind: WaitingKind, until: number | null = null): ReleaseView => ({
  ...scene('signatures'),
  busy: false,
  waitsFor: [{ kind, step: 'a', what: 'a', who: null, since: null, until, otherwise: null, commands: [] }],
})

const decided = (
  word: 'released' | 'closed' | 'rolled back' | 'superseded' | 'left as it was',
  ended: boolean,
): ReleaseView => ({
  ...scene('signatures'),
  decision: { word, good: word !== 'rolled back' && word !== 'left as it was', sentence: '', ended, tookMs: 1 },
})

test('a script gives up with 3 when only people are left', () => {
  expect(endingOf(scene('signatures'), script)).toBe(3)
  for (const kind of [
    'answer',
    'approve',
    'record',
    'promote',
    'decide',
    'settle',
    'blocked',
    'resume',
    'presence',
    'handover',
    'confirm',
    'fields',
  ] as const)
    expect(endingOf(waitingFor(kind), script), kind).toBe(3)
})

test('a script stays while machines are at work, also when somebody owes an answer', () => {
  expect(endingOf(scene('checks-run'), script)).toBeNull()
  expect(endingOf(scene('soaking'), script)).toBeNull()
  expect(endingOf(scene('rolling-back'), script)).toBeNull()
})

test('a failed step that stops the release is exit 1 for a script', () => {
  expect(endingOf({ ...scene('check-failed'), busy: false }, script)).toBe(1)
})

test('a person at a terminal is never given up on', () => {
  for (const name of ['signatures', 'check-failed', 'promote', 'held', 'unknown'])
    expect(endingOf({ ...scene(name), busy: false }, { ...script, interactive: true }), name).toBeNull()
})

test('a short wait by the clock is sat out, a long one is exit 3', () => {
  const { at } = scene('signatures')
  expect(endingOf(waitingFor('time', at + 59_000), script)).toBeNull()
  expect(endingOf(waitingFor('time', at + 61_000), script)).toBe(3)
  expect(endingOf(waitingFor('time', at + 61_000), { ...script, waitMs: 120_000 })).toBeNull()
})

test('released is enough, unless the run is to stay until it is closed', () => {
  expect(endingOf(decided('released', false), script)).toBe(0)
  expect(endingOf({ ...decided('released', false), busy: true }, { ...script, until: 'closed' })).toBeNull()
  expect(endingOf(decided('closed', true), { ...script, until: 'closed' })).toBe(0)
})

test('a release that went back or was left as it was is exit 1', () => {
  expect(endingOf(decided('rolled back', true), script)).toBe(1)
  expect(endingOf(decided('left as it was', true), script)).toBe(1)
  expect(endingOf({ ...scene('rolling-back'), phase: 'rollback-failed' }, { ...script, interactive: true })).toBe(1)
})
