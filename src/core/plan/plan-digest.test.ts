import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { digestOf } from '../log/canonical.ts'
import { compile } from './compile.ts'
import type { Plan } from './plan.ts'
import { hasItsDigest, planDigest, stepDigest } from './plan-digest.ts'
import { testKinds } from './test-kinds.ts'

type Path = readonly (string | number)[]
type Tree = Record<string | number, unknown>

function planOf(name: string): Plan {
  const bytes = readFileSync(join(import.meta.dirname, '../../../golden/plans', name, 'release.md'))
  const { plan } = compile({ file: 'release.md', bytes, shared: null }, testKinds)
  if (!plan) throw new Error(`${name} does not compile`)
  return stored(plan)
}

/** As it comes back from a store. */
function stored<T>(value: T): T {
  return JSON.parse(JSON.stringify(value)) as T
}

/** The way to every value in a plan, records and lists among them. */
function pathsIn(value: unknown, path: Path = []): readonly Path[] {
  if (typeof value !== 'object' || value === null) return [path]
  const names = Array.isArray(value) ? [...value.keys()] : Object.keys(value)
  const inner = names.flatMap((name) => pathsIn((value as Tree)[name], [...path, name]))
  return path.length === 0 ? inner : [path, ...inner]
}

function changed(plan: Plan, path: Path, change: (holder: Tree, name: string | number) => void): Plan {
  const copy = stored(plan)
  const holder = path.slice(0, -1).reduce<Tree>((at, name) => at[name] as Tree, copy as unknown as Tree)
  change(holder, path.at(-1) ?? '')
  return copy
}

function inFormerFormat(plan: Plan): Plan {
  const former = { ...plan, format: 1 as const, digest: undefined }
  return { ...former, digest: digestOf(former) }
}

const plans = ['every-block', 'stage-sections', 'nested', 'ordered'].map(planOf)
const [everyBlock, stages] = plans as [Plan, Plan]

describe('a plan has its digest', () => {
  test('as it was compiled, and in the format of before', () => {
    for (const plan of plans) {
      expect(plan.format).toBe(2)
      expect(hasItsDigest(plan)).toBe(true)
      expect(hasItsDigest(inFormerFormat(plan))).toBe(true)
      expect(planDigest(inFormerFormat(plan))).not.toBe(plan.digest)
    }
  })

  test('and no longer when any of its values is another', () => {
    const other = (value: unknown): unknown => (value === null ? '' : typeof value === 'string' ? `${value}x` : null)
    for (const plan of plans) {
      for (const path of pathsIn(plan)) {
        const forged = changed(plan, path, (holder, name) => (holder[name] = other(holder[name])))
        expect(hasItsDigest(forged), path.join('.')).toBe(false)
        const former = inFormerFormat(plan)
        if (path[0] !== 'format' && path[0] !== 'digest')
          expect(hasItsDigest({ ...forged, format: 1, digest: former.digest }), path.join('.')).toBe(false)
      }
    }
  })

  test('and no longer when a value is missing, or one was added', () => {
    for (const path of pathsIn(everyBlock)) {
      const without = changed(everyBlock, path, (holder, name) => {
        if (Array.isArray(holder)) holder.splice(Number(name), 1)
        else delete holder[name]
      })
      expect(hasItsDigest(without), path.join('.')).toBe(false)
      const withMore = changed(everyBlock, path, (holder) => {
        if (Array.isArray(holder)) holder.push('more')
        else holder['more'] = 'more'
      })
      expect(hasItsDigest(withMore), path.join('.')).toBe(false)
    }
  })

  test('and no longer when any two values have changed places, or any value became any other JSON', () => {
    const paths = pathsIn(everyBlock)
    const one = fc.constantFrom(...paths)
    fc.assert(
      fc.property(one, fc.jsonValue(), (path, value) => {
        const before = JSON.stringify(everyBlock)
        const forged = changed(everyBlock, path, (holder, name) => (holder[name] = value))
        expect(hasItsDigest(forged)).toBe(JSON.stringify(forged) === before)
      }),
      { numRuns: 500 },
    )
    fc.assert(
      fc.property(fc.nat(everyBlock.steps.length - 1), fc.nat(everyBlock.steps.length - 1), (a, b) => {
        const steps = [...everyBlock.steps]
        ;[steps[a], steps[b]] = [steps[b] as Plan['steps'][number], steps[a] as Plan['steps'][number]]
        expect(hasItsDigest({ ...everyBlock, steps })).toBe(a === b)
      }),
    )
  })

  test('and no longer when a step was changed together with its own digest', () => {
    const [first, ...others] = everyBlock.steps
    const forged = { ...first!, text: 'Something else' }
    const steps = [{ ...forged, digest: stepDigest(forged) }, ...others]
    expect(hasItsDigest({ ...everyBlock, steps })).toBe(false)
  })
})

test('the digest of a step covers what it is in canonical JSON, and not where it or its stages stand', () => {
  for (const step of plans.flatMap((plan) => plan.steps)) {
    const { id, text, phase, stage, when, only, never, severity, owner, danger, undo, answer } = step
    const block =
      step.block.word === 'rollout'
        ? { ...step.block, stages: step.block.stages.map((each) => ({ ...each, line: 0 })) }
        : step.block
    const content = { id, text, phase, stage, when, only, never, severity, owner, danger, block, undo, answer }
    expect(step.digest).toBe(digestOf(content))
  }
  const rollout = stages.steps.find((step) => step.block.word === 'rollout')
  expect(stepDigest({ ...rollout!, line: 7, endLine: 9, after: ['x'], section: [] })).toBe(rollout!.digest)
})
