import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { started, yes } from '../../../test/support/canary.ts'
import { approval, check, phase, plan, question, run, step } from '../../../test/support/plan-builder.ts'
import { person } from '../../../test/support/release-spec.ts'
import type { Aspect, Block } from '../plan/plan.ts'
import { aspectOf, countedBeforeRollout } from './roll-up.ts'

const ana = person('ana')
const roles = { lead: [{ id: 'ana', key: null }] }
const derived = (of: Aspect = 'items', match: string | null = null): Block => ({ word: 'readiness', of, match })

describe('without a rollout', () => {
  const counted = (...phases: Parameters<typeof plan>[0]) =>
    countedBeforeRollout(started(plan(phases)).current).map(({ id }) => id)

  test('what ships, and all behind it, is nothing to be ready with; an action before the signature is', () => {
    const before = phase('before', [step('tests', question), step('backup', run()), step('sign', approval())])
    const ship = phase('ship', [step('migrate', run()), step('deploy', run()), step('smoke', check())])
    expect(counted(before, ship, phase('after', [step('close', approval())]))).toEqual(['tests', 'backup', 'sign'])
  })

  test('and without a signature the last phase that acts is the one that ships', () => {
    const build = phase('build', [step('image', run()), step('tests', question)])
    expect(counted(build, phase('ship', [step('ask', question), step('deploy', run())]))).toEqual([
      'image',
      'tests',
      'ask',
    ])
    expect(counted(phase('p', [step('one', question)]))).toEqual(['one'])
  })
})

describe('a derived yes', () => {
  test('closes by itself when all before it is done, and says what is missing until then', () => {
    const spec = started(plan([phase('p', [step('one', question), step('two', question), step('all', derived())])]))
    spec.do({ ...yes, step: 'one' }, ana)
    expect(spec.current.steps.get('all')?.closed).toBeNull()
    spec.do({ ...yes, step: 'two' }, ana)
    expect(spec.current.steps.get('all')?.closed).toMatchObject({ how: 'passed', why: '2 of 2 done' })
    expect(spec.current.phase).toBe('closed')
  })

  test('of a checklist that asks several times whether all of it is done waits for nobody but others', () => {
    const of = plan([
      phase('p', [
        step('complete', derived()),
        step('reviewed', question, { text: 'This checklist reviewed for accuracy' }),
        step('again', derived()),
        step('sign', approval()),
      ]),
    ])
    const spec = started(of).do({ ...yes, step: 'reviewed' }, ana)
    expect(spec.current.steps.get('complete')?.closed?.why).toBe('1 of 1 done')
    expect(spec.current.steps.get('again')?.closed?.how).toBe('passed')
    spec.do({ kind: 'Approve', step: 'sign', role: null, digest: null, typed: null, note: null }, ana)
    expect(spec.current.phase).toBe('closed')
  })

  test('inside an item of its own counts neither what holds it nor what waits for it', () => {
    const of = plan([
      phase('p', [
        step('parent', question, { children: ['inner'], after: ['inner'] }),
        step('inner', derived(), { parent: 'parent' }),
        step('beside', question),
        step('after', question, { after: ['parent'] }),
      ]),
    ])
    const spec = started(of).do({ ...yes, step: 'beside' }, ana)
    expect(spec.current.steps.get('inner')?.closed?.why).toBe('1 of 1 done')
    spec.do({ ...yes, step: 'parent' }, ana).do({ ...yes, step: 'after' }, ana)
    expect(spec.current.phase).toBe('closed')
  })

  test('counts earlier phases, and never later ones', () => {
    const of = plan([
      phase('p', [step('early', question)]),
      phase('q', [step('all', derived())]),
      phase('r', [step('late', question)]),
    ])
    const spec = started(of).do({ ...yes, step: 'early' }, ana)
    expect(spec.current.steps.get('all')?.closed?.why).toBe('1 of 1 done')
    expect(spec.current.phases.get('r')?.status).toBe('open')
  })

  test('about tests is no yes while one was waived, and a person may waive it in turn', () => {
    const of = plan(
      [phase('p', [step('unit', check(), { text: 'Unit tests pass' }), step('green', derived('tests'))])],
      { roles },
    )
    const spec = started(of).attempt('unit', 'check', 'failed')
    spec.do({ kind: 'Waive', step: 'unit', reason: 'flaky', role: 'lead', expires: null }, ana)
    expect(spec.current.steps.get('green')?.blocked).toBe('0 of 1 done; let pass, not passed: Unit tests pass')
    spec.do({ kind: 'Waive', step: 'green', reason: 'one flaky test', role: 'lead', expires: null }, ana)
    expect(spec.current.phase).toBe('closed')
  })

  test('about what the checklist does not have is never a yes', () => {
    const spec = started(plan([phase('p', [step('q', question), step('safe', derived('security'))])]))
    expect(spec.current.steps.get('safe')?.blocked).toBe('nothing here is about security')
  })

  test('about words of its own counts the steps that they find', () => {
    const of = plan([
      phase('p', [
        step('a', question, { text: 'Legal has agreed' }),
        step('b', question),
        step('m', derived('items', '(?i)legal')),
      ]),
    ])
    const spec = started(of).do({ ...yes, step: 'a' }, ana)
    expect(spec.current.steps.get('m')?.closed?.why).toBe('1 of 1 done')
  })

  test('never keeps a release from its end, wherever such steps stand', () => {
    const kinds = fc.array(fc.constantFrom('question', 'check', 'items'), { minLength: 1, maxLength: 8 })
    fc.assert(
      fc.property(fc.array(kinds, { minLength: 1, maxLength: 3 }), (phases) => {
        const blocks = { question, check: check(), items: derived() }
        const of = plan([
          phase('first', [step('first', question)]),
          ...phases.map((steps, at) =>
            phase(
              `p${at}`,
              steps.map((kind, index) => step(`s${at}-${index}`, blocks[kind])),
            ),
          ),
        ])
        const spec = started(of).do({ ...yes, step: 'first' }, ana)
        for (const each of of.steps) {
          if (each.block.word === 'answer' && each.id !== 'first') spec.do({ ...yes, step: each.id }, ana)
          if (each.block.word === 'check') spec.attempt(each.id, 'check', 'passed')
        }
        expect(spec.current.phase).toBe('closed')
      }),
      { numRuns: 60, seed: 7 },
    )
  })
})

test.each([
  ['Unit tests pass', 'tests'],
  ['Rollback procedure tested', 'rollback'],
  ['Backup restored in the last 30 days', 'rollback'],
  ['Team trained and ready', 'training'],
  ['No known vulnerabilities', 'security'],
  ['Release notes written', 'items'],
] as const)('"%s" is about %s', (text, aspect) => {
  expect(aspectOf({ text, section: [] })).toBe(aspect)
})

test('a step whose own words say nothing is about what its heading is about', () => {
  expect(aspectOf({ text: 'Reviewed by two people', section: ['Before', 'Security Review'] })).toBe('security')
})
