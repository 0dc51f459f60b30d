/** `yaml check kind: webhook-sink`: webhooks arrive at a receiver that lives as long as the check: in time, signed, as many as they should. */
import { z } from 'zod'
import { templateNames } from '../core/plan/template.ts'
import { type CheckPowers, type CheckResult, defineCheck } from '../core/ports/check.ts'
import type { Json } from '../core/units.ts'
import { requestsField } from './http-scenario/run.ts'
import { parseScenario, scenarioExpressions } from './http-scenario/scenario.ts'
import { durationField, fill, millisOf, patternField } from './parts/fields.ts'
import { putter } from './parts/filled.ts'
import { passwordField } from './parts/place-fields.ts'
import { oneLine } from './parts/say.ts'
import { countOf, judgeDeliveries, type Wanted } from './webhook-receiver/judge.ts'
import { openReceiver, type Receiver } from './webhook-receiver/receiver.ts'
import { signatureForms } from './webhook-receiver/signature.ts'
import { pullTrigger } from './webhook-receiver/trigger.ts'

const share = z.string().regex(/^\d{1,3}(\.\d+)?%$/, { error: 'expected a share, such as 99%' })

const config = z
  .strictObject({
    trigger: requestsField
      .optional()
      .describe(
        'Requests in .http form, as of an `http check`, that make the service send; `{{ sink_url }}` is where to. Those under # @cleanup run when all is over',
      ),
    command: z
      .string()
      .min(1)
      .optional()
      .describe('Or a bash command that makes it send, with $SINK_URL; it runs where commands run'),
    count: z.number().int().min(1).max(10_000).default(1).describe('As many deliveries have to come'),
    'at-most': z.number().int().min(1).max(10_000).optional().describe('And no more, while `settle` passes'),
    settle: durationField.default('2s').describe('How long to look for more than `at-most`'),
    within: durationField.default('30s').describe('How long after the trigger the last of them may come'),
    match: patternField.optional().describe('Only deliveries whose body has a match count; others are let by'),
    signature: z
      .strictObject({
        form: z.enum(signatureForms).default('hex').describe('`hex`, `base64`: of the body. The others: as documented'),
        header: z
          .string()
          .regex(/^[\w-]+$/)
          .optional(),
        algorithm: z.enum(['sha1', 'sha256', 'sha512']).default('sha256'),
        secret: passwordField,
      })
      .optional()
      .describe(
        'Every one is signed (HMAC): `{ header: x-signature, secret: "{{ secret.HOOK_KEY }}" }`; `form` is `hex`, `base64`, `stripe`, `slack` or `standard` (Standard Webhooks, as our own)',
      ),
    success: share.default('100%').describe('Least share that comes and is signed as it should'),
    answers: z
      .array(z.number().int().min(200).max(599))
      .min(1)
      .max(20)
      .default([200])
      .describe('What it answers: `[500, 200]` lets the first fail, so that the service has to send it again'),
    public: z
      .string()
      .regex(/^(https?:\/\/|\{\{)/, { error: 'expected an address such as https://hooks.example.com' })
      .optional()
      .describe('How the service reaches it, where it cannot directly: a proxy or tunnel that leads to `port`'),
    port: z
      .number()
      .int()
      .min(1024)
      .max(65_535)
      .optional()
      .describe(
        'Where it listens on the loopback of this machine, and nowhere else; any free port where none is given',
      ),
    path: z
      .string()
      .regex(/^\/[\w./~-]+$/, { error: 'expected a path, such as /hooks/orders' })
      .optional()
      .describe('A new one that nobody can guess where none is given'),
  })
  .refine(({ trigger, command }) => trigger === undefined || command === undefined, {
    error: 'expected either `trigger` or `command`',
  })
  .refine(
    ({ trigger, command, port, path }) =>
      (trigger ?? command) !== undefined || (port !== undefined && path !== undefined),
    {
      error:
        'expected a `trigger` or a `command` that makes the service send, or `port` and `path` that it knows already',
    },
  )
  .refine((given) => given['at-most'] === undefined || given['at-most'] >= given.count, {
    error: 'expected `at-most` to be at least `count`',
  })

type Config = z.infer<typeof config>

export const webhookSink = defineCheck({
  kind: 'webhook-sink',
  summary: 'Webhooks arrive at a receiver that lives as long as the check: in time, signed, as many as they should',
  config,
  needs: ['http', 'secret', 'source', 'command'],
  timeoutMs: 300_000,
  example: [
    '```yaml check expect="deliveries.all(d, d.body.type == \'order.created\')"',
    'kind: webhook-sink',
    'trigger: |',
    '  # @capture id = body.id',
    '  POST https://staging.shop.example/api/webhooks',
    '  authorization: Bearer {{ secret.API_TOKEN }}',
    '',
    '  { "url": "{{ sink_url }}", "events": ["order.created"] }',
    '',
    '  ###',
    '  POST https://staging.shop.example/api/webhooks/{{ id }}/test',
    '  authorization: Bearer {{ secret.API_TOKEN }}',
    '',
    '  ###',
    '  # @cleanup',
    '  DELETE https://staging.shop.example/api/webhooks/{{ id }}',
    '  authorization: Bearer {{ secret.API_TOKEN }}',
    'within: 20s',
    'signature: { header: x-signature, secret: "{{ secret.API_TOKEN }}" }',
    'public: https://hooks.shop.example',
    'port: 8099',
    '```',
  ].join('\n'),
  facts: { count: 'int', good: 'int', success: 'double', first_ms: 'double', last_ms: 'double', deliveries: 'list' },
  secrets: secretsOf,
  expressions: ({ trigger }) =>
    trigger === undefined
      ? []
      : scenarioExpressions(parseScenario(trigger).scenario).map((each) => ({ ...each, setting: 'trigger' })),
  async run(given, powers) {
    const signal = AbortSignal.any([powers.signal, AbortSignal.timeout(powers.timeoutMs)])
    const receiver = await openReceiver(
      {
        port: given.port ?? 0,
        path: given.path ?? null,
        base: given.public === undefined ? null : fill(given.public, powers.variables),
        answers: given.answers,
      },
      powers.clock,
      signal,
    )
    try {
      return await receive(given, receiver, withSink(receiver.url, { ...powers, signal }))
    } finally {
      await receiver.close()
    }
  },
  /** Whether it could listen there; nobody is told of it. */
  async probe({ port = 0 }, powers) {
    const receiver = await openReceiver({ port, path: null, base: null, answers: [503] }, powers.clock, powers.signal)
    await receiver.close()
    return { ok: true, say: port === 0 ? 'it could receive, at a port that is free then' : `port ${port} is free` }
  },
})

function secretsOf(given: Readonly<Record<string, Json>>): readonly string[] {
  const names = templateNames(JSON.stringify(given)).map(({ name }) => name)
  return [...new Set(names.flatMap((name) => (name.startsWith('secret.') ? [name.slice('secret.'.length)] : [])))]
}

function withSink(url: string, powers: CheckPowers): CheckPowers {
  const value = { sink_url: url }
  return {
    ...powers,
    variables: { ...powers.variables, ...value },
    bindings: () => ({ ...powers.bindings(), ...value }),
  }
}

async function receive(given: Config, receiver: Receiver, powers: CheckPowers): Promise<CheckResult> {
  const wanted = wantedOf(given, powers)
  const startedAt = powers.clock.now()
  powers.progress(`it receives at ${receiver.url}`)
  const triggered = await pullTrigger(given, receiver.url, powers)
  if (triggered.problem === null) await waitFor(wanted, receiver, powers)
  const swept = await triggered.cleanUp()
  if (triggered.problem !== null) return { ...triggered.problem, say: triggered.problem.say + swept.addition }
  const result = judgeDeliveries(receiver, wanted, { startedAt, transcript: triggered.transcript }, powers)
  if (swept.problem === null) return result
  if (result.outcome !== 'passed') return { ...result, say: result.say + swept.addition }
  return { ...result, outcome: swept.problem.outcome, say: oneLine(`cleanup: ${swept.problem.say}`) }
}

function wantedOf(given: Config, powers: CheckPowers): Wanted {
  const { signature } = given
  return {
    count: given.count,
    atMost: given['at-most'] ?? null,
    pattern: given.match ?? null,
    success: Number(given.success.slice(0, -1)),
    within: given.within,
    settleMs: millisOf(given.settle),
    rule:
      signature === undefined
        ? null
        : {
            form: signature.form,
            header: signature.header?.toLowerCase() ?? null,
            algorithm: signature.algorithm,
            secret: putter(powers)(signature.secret, 'none'),
          },
  }
}

/** Until as many have come as should, or too many, or the time is over. */
async function waitFor(wanted: Wanted, receiver: Receiver, powers: CheckPowers): Promise<void> {
  const { clock, signal } = powers
  const until = async (enough: number, end: number): Promise<void> => {
    while (!signal.aborted && countOf(receiver, wanted) < enough && clock.now() < end)
      await receiver.next(end - clock.now())
  }
  await until(wanted.count, clock.now() + millisOf(wanted.within))
  if (wanted.atMost !== null && countOf(receiver, wanted) >= wanted.count)
    await until(wanted.atMost + 1, clock.now() + wanted.settleMs)
}
