/** What every kind of action must do: act once, see that it has, do nothing the second time, and say what is wrong. */
import { expect, test } from 'vitest'
import { compile } from '../core/plan/compile.ts'
import type { ActionDefinition } from '../core/ports/action.ts'
import type { Json } from '../core/units.ts'
import { type ActionGiven, runActionProcess } from './parts/process.fixture.ts'

export interface ActionWorld extends ActionGiven {
  readonly config: Readonly<Record<string, Json>>
  /** What is there from outside, to be the same after a second run. */
  readonly state: () => unknown
  readonly end: () => Promise<void> | void
}

export interface ActionCases {
  /** A world in which the action has not been done. */
  readonly world: () => Promise<ActionWorld> | ActionWorld
  /** What of that world or of the settings makes it impossible; each ends without having changed anything. */
  readonly broken: readonly {
    readonly name: string
    readonly config?: Readonly<Record<string, Json>>
    readonly spoil?: (world: ActionWorld) => Promise<void> | void
    /** In what it says. */
    readonly says: string
  }[]
}

export function actionContract(definition: ActionDefinition<never>, cases: ActionCases): void {
  const { kind } = definition
  const within = async (use: (world: ActionWorld) => Promise<void>): Promise<void> => {
    const world = await cases.world()
    try {
      await use(world)
    } finally {
      await world.end()
    }
  }

  test('says what it is, and its example compiles to an action that reads back and may run again', () => {
    expect(kind).toMatch(/^[a-z][a-z0-9-]*$/)
    expect(definition.summary).toMatch(/^\S.*[^.]$/)
    const { plan, problems } = compile(documentOf(definition.example), {
      actions: new Map([[kind, definition]]),
      checks: new Map(),
      sources: new Map(),
      drivers: new Map(),
      notifiers: new Map(),
    })
    expect(problems.filter(({ severity }) => severity === 'error')).toEqual([])
    const block = plan?.steps[0]?.block
    expect(block).toMatchObject({ word: 'run', idempotent: true, command: { shell: 'action' } })
    if (block?.word === 'run') expect(block.probe?.script).toContain('"mode":"probe"')
  })

  test('accepts its settings and refuses unknown ones by name', async () => {
    await within(async ({ config }) => {
      expect(definition.config.safeParse(config).success).toBe(true)
      expect(JSON.stringify(definition.config.safeParse({ ...config, nonsense: 1 }).error?.issues)).toContain(
        'nonsense',
      )
      await Promise.resolve()
    })
  })

  test('can be asked for, acts, sees that it has, and does nothing the second time', async () => {
    await within(async (world) => {
      const before = await runActionProcess(kind, 'probe', world.config, world)
      expect(before).toMatchObject({ exitCode: 1 })
      const untouched = structuredClone(await world.state())
      const asked = await runActionProcess(kind, 'ask', world.config, world)
      expect(asked, asked.stderr).toMatchObject({ exitCode: 0, stderr: '' })
      expect(asked.stdout.trim()).toMatch(/^[^\n]+$/)
      expect(await world.state()).toEqual(untouched)
      const first = await runActionProcess(kind, 'run', world.config, world)
      expect(first.exitCode, first.stderr).toBe(0)
      expect(first.stdout.trim()).not.toBe('')
      expect(Object.keys(first.captured).filter((name) => !definition.captures.includes(name))).toEqual([])
      const done = await world.state()
      expect(await runActionProcess(kind, 'probe', world.config, world)).toMatchObject({ exitCode: 0 })
      expect(await runActionProcess(kind, 'run', world.config, world)).toMatchObject({ exitCode: 0 })
      expect(await world.state()).toEqual(done)
    })
  })

  for (const { name, config, spoil, says } of cases.broken) {
    test(`changes nothing and says why when ${name}`, async () => {
      await within(async (world) => {
        await spoil?.(world)
        const before = await world.state()
        const settings = { ...world.config, ...config }
        const ended = await runActionProcess(kind, 'run', settings, world)
        expect(ended.exitCode).not.toBe(0)
        expect(ended.stderr).toContain(says)
        expect(ended.stderr).not.toMatch(/\n\s+at /)
        expect((await runActionProcess(kind, 'probe', settings, world)).exitCode).not.toBe(0)
        expect(await world.state()).toEqual(before)
      })
    })
  }
}

function documentOf(example: string): Parameters<typeof compile>[0] {
  const text = `---
holdpoint: 1
name: Example
service: example
secrets: { API_TOKEN: env, AWS_ACCESS_KEY_ID: env, AWS_SECRET_ACCESS_KEY: env }
---
## Actions
- [ ] The example
${example.replace(/^/gm, '  ')}
`
  return { file: 'example.md', bytes: new TextEncoder().encode(text), shared: null }
}
