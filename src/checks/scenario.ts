/** `yaml check kind: scenario`: steps of several kinds in a row, with captures between them, polling, and a cleanup that always runs. */
import { z } from 'zod'
import { type CheckPowers, type CheckResult, defineCheck } from '../core/ports/check.ts'
import { textEvidence } from './parts/evidence.ts'
import { judged } from './parts/judged.ts'
import { oneLine, sayMillis, wordsOf } from './parts/say.ts'
import { stepKinds, stepNeeds } from './scenario-steps/kinds.ts'
import { forward, type Progress, type Step, sweep, takeBack, textsOf } from './scenario-steps/run.ts'
import {
  addressesOf,
  expressionsOf,
  kindOf,
  namesGivenBy,
  namesUsedBy,
  secretsOf,
  settingsOf,
  stepsField,
  type StepSettings,
} from './scenario-steps/settings.ts'

const config = z.strictObject({
  steps: stepsField.describe(
    `In this order, each the settings of one kind (${[...stepKinds.keys()].join(', ')}) and these words: \`expect\` (CEL on its facts and on what is captured), \`capture: { NAME: EXPRESSION }\` (for later steps as \`{{ NAME }}\`, by name in \`expect\`, and for a \`command\` as \`$HOLDPOINT_VALUE_NAME\`), \`poll: { every: 2s, for: 30s }\` (again until it passes), \`timeout\`, \`title\`, \`repeat: 5\` or \`for-each: [ana, bo]\` (that often, with values for \`{{ round }}\` and \`{{ item }}\`; each time it has to pass), \`background: true\` (the next step begins at once; it has to pass by the end), \`cleanup: true\` (runs at the end whatever happened, unless what it names was never captured)`,
  ),
})

type Config = z.infer<typeof config>

export const scenario = defineCheck({
  kind: 'scenario',
  summary: 'Steps of several kinds in a row, with captures between them, polling, and a cleanup that always runs',
  config,
  needs: [...stepNeeds, 'kept'],
  timeoutMs: 300_000,
  example: [
    '```yaml check expect="took_ms < 60000"',
    'kind: scenario',
    'steps:',
    '  - kind: http',
    '    requests: |',
    '      # @capture id = body.id',
    '      POST https://staging.shop.example/streams',
    '      authorization: Bearer {{ secret.API_TOKEN }}',
    '  - kind: websocket',
    '    background: true',
    '    url: wss://staging.shop.example/streams/{{ id }}/ws',
    '    steps: [{ expect: viewer_count }, { closed: 1000, within: 60s }]',
    '  - kind: command',
    '    script: ./publish.sh "$HOLDPOINT_VALUE_ID"',
    '  - kind: sql',
    '    on: orders',
    '    query: select state from streams where id = {{ id }}',
    '    expect: value == "ended"',
    '    poll: { every: 1s, for: 20s }',
    '  - kind: http',
    '    cleanup: true',
    '    requests: |',
    '      DELETE https://staging.shop.example/streams/{{ id }}',
    '      authorization: Bearer {{ secret.API_TOKEN }}',
    '```',
  ].join('\n'),
  facts: { steps: 'int', took_ms: 'double', captured: 'map', last: 'map' },
  secrets: secretsOf,
  addresses: addressesOf,
  givesNames: (given) => [...config.parse(given).steps.flatMap(namesGivenBy), 'item', 'round', 'sink_url'],
  // They are asked for of settings as they are written, without what is usual.
  expressions: (given) => expressionsOf(config.parse(given).steps),
  inner: ({ steps }) =>
    steps.map((given, index) => ({ kind: given.kind, config: settingsOf(given), path: ['steps', index] })),
  async run(given, powers) {
    const startedAt = powers.clock.now()
    const signal = AbortSignal.any([powers.signal, AbortSignal.timeout(powers.timeoutMs)])
    const steps = given.steps.map((step, index): Step => ({ given: step, index }))
    const ofScenario = given.steps.flatMap(namesGivenBy)
    const cleanup = steps.filter((step) => step.given.cleanup)
    const taken = await takeBack(cleanup, ofScenario, powers)
    const done = await forward(
      steps.filter((step) => !step.given.cleanup),
      { ...powers, signal },
      cleanup.length === 0 ? () => Promise.resolve() : powers.keep,
    )
    const swept = await sweep(cleanup, { ...done, records: [...taken.records, ...done.records] }, ofScenario, powers)
    // Where it cannot be forgotten, or could not be taken away, the next run tries.
    if (cleanup.length > 0 && swept.problem === null) await powers.keep(null).catch(() => undefined)
    const took = powers.clock.now() - startedAt
    return conclude(given, swept.progress, taken.problem ?? swept.problem, took, powers)
  },
  probe: askSteps,
})

/** Of those steps whose kind can ask without doing anything, and whose settings name no value that only a run gives. */
async function askSteps(given: Config, powers: CheckPowers): Promise<{ ok: boolean; say: string }> {
  const known = given.steps.filter((step) =>
    namesUsedBy(step, []).every((name) => Object.hasOwn(powers.variables, name)),
  )
  const answers = await Promise.all(known.map((step) => askStep(step, powers)))
  const asked = answers.filter((answer) => answer !== null)
  if (asked.length === 0) return { ok: true, say: 'what it needs is known only when it runs' }
  const wrong = asked.filter(({ ok }) => !ok)
  const told = wrong.length > 0 ? wrong : asked
  return { ok: wrong.length === 0, say: [...new Set(told.map(({ say }) => say))].join('; ') }
}

async function askStep(given: StepSettings, powers: CheckPowers): Promise<{ ok: boolean; say: string } | null> {
  const kind = kindOf(given)
  try {
    return (await kind.probe?.(kind.config.parse(settingsOf(given)), powers)) ?? null
  } catch (fault) {
    return { ok: false, say: wordsOf(fault) }
  }
}

/** The step that failed says most, so the latest evidence is kept where there is much. */
const mostEvidence = 20

function conclude(
  given: Config,
  { last, captured, records, evidence }: Progress,
  problem: CheckResult | null,
  took: number,
  powers: CheckPowers,
): CheckResult {
  const count = given.steps.filter(({ cleanup }) => !cleanup).length
  const facts = { steps: count, took_ms: took, captured, last: last.facts ?? {} }
  const base = {
    facts,
    captures: textsOf(captured),
    evidence: [...textEvidence('scenario.txt', `${records.join('\n')}\n`), ...evidence.slice(-mostEvidence)],
  }
  if (last.outcome !== 'passed') {
    const cleanup = problem === null ? '' : `; cleanup: ${problem.say}`
    return { ...base, outcome: last.outcome, say: oneLine(last.say + cleanup) }
  }
  if (problem !== null) return { ...base, outcome: problem.outcome, say: oneLine(`cleanup: ${problem.say}`) }
  const steps = count === 1 ? '1 step' : `${count} steps`
  return judged(powers, facts, {
    ...base,
    say: oneLine(`${steps} as expected in ${sayMillis(took)}, the last, ${last.say}`),
  })
}
