/** What every kind of channel must do. A kind brings a config that works; the suite is the same for all. */
import { expect, test } from 'vitest'
import { compile } from '../core/plan/compile.ts'
import { type Message, type NotifierDefinition, NotifyFault, type NotifyPowers } from '../core/ports/notify.ts'
import { wordsOf } from './notify.fixture.ts'

export interface NotifierCases {
  readonly config: Readonly<Record<string, unknown>>
  /** A powers object under which `config` delivers. */
  readonly works: () => NotifyPowers
  /** Ways to fail: the fault must say whether trying again can help. */
  readonly fails: readonly {
    readonly name: string
    readonly config?: Readonly<Record<string, unknown>>
    readonly powers: () => NotifyPowers
    readonly retryable: boolean
  }[]
}

export const message: Message = {
  id: 'r1-m7',
  release: 'r1',
  on: 'rollout.started',
  subject: 'Checkout 1.2.3: rollout started',
  body: 'Line one\n"quoted" \u001b[2J',
}

export function notifierContract(definition: NotifierDefinition<never>, cases: NotifierCases): void {
  const config = (more: object = {}): never => definition.config.parse({ ...cases.config, ...more }) as never

  test('accepts its settings and refuses unknown ones by name', () => {
    expect(definition.summary).toMatch(/^\S.*[^.]$/)
    const refused = definition.config.safeParse({ ...cases.config, nonsense: 1 })
    expect(JSON.stringify(refused.error?.issues)).toContain('nonsense')
  })

  test('its example compiles', () => {
    const text = `---\nholdpoint: 1\nname: Example\nservice: example\nsecrets: { HOOK_KEY: env, MAIL_PASSWORD: env, SLACK_TOKEN: env, ROUTING_KEY: env, TEAMS_URL: env, STATUSPAGE_KEY: env }\n${definition.example}\n---\n## Checks\n- [ ] Look\n`
    const kinds = {
      checks: new Map(),
      sources: new Map(),
      drivers: new Map(),
      notifiers: new Map([[definition.kind, definition]]),
    }
    const { plan, problems } = compile(
      { file: 'example.md', bytes: new TextEncoder().encode(text), shared: null },
      kinds,
    )
    expect(problems.filter((problem) => problem.severity === 'error')).toEqual([])
    expect(Object.values(plan?.channels ?? {}).map((channel) => channel.kind)).toEqual([definition.kind])
  })

  test('renders without a clock or the world: the same message gives the same text', () => {
    expect(definition.render(message, config())).toBe(definition.render(message, config()))
    expect(definition.render(message, config())).toContain('rollout started')
  })

  test('delivers with a word of proof', async () => {
    const sent = await definition.send(definition.render(message, config()), message, config(), cases.works())
    expect(wordsOf(sent)).toMatch(/^\S/)
  })

  for (const { name, config: more, powers, retryable } of cases.fails) {
    test(`${name}: ${retryable ? 'is tried again' : 'is final'}`, async () => {
      const failure = await definition
        .send(definition.render(message, config(more)), message, config(more), powers())
        .then(
          () => null,
          (error: unknown) => error,
        )
      expect(failure).toBeInstanceOf(NotifyFault)
      expect(failure).toMatchObject({ retryable })
    })
  }
}
