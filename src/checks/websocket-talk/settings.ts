/** Settings of a talk over a WebSocket: what is sent, and what has to come, in order. */
import { z } from 'zod'
import type { Json } from '../../core/units.ts'
import { durationField, patternField } from '../parts/fields.ts'

const within = durationField.optional().describe('How long it may take; 10s unless said otherwise')
const json = z.record(z.string(), z.json() as z.ZodType<Json>)
const closeCode = z.number().int().min(1000).max(4999)

const steps = {
  expect: z.strictObject({ expect: patternField.describe('A message that matches comes'), within }),
  json: z.strictObject({ json: json.describe('A JSON message that has at least these values comes'), within }),
  none: z.strictObject({
    none: patternField.describe('No message that matches comes, for the time of `for`'),
    for: durationField,
  }),
  send: z.strictObject({ send: z.union([z.string(), json]).describe('Sends a text, or a JSON message') }),
  ping: z.strictObject({ ping: durationField.describe('A ping is answered by its pong within this time') }),
  reconnect: z.strictObject({ reconnect: z.literal(true).describe('Leaves, and connects once more') }),
  closed: z.strictObject({ closed: closeCode.describe('The other side closes with this code'), within }),
} as const

type Steps = { readonly [K in keyof typeof steps]: z.infer<(typeof steps)[K]> }
export type TalkStep = Steps[keyof Steps]

const example = '- json: { type: connection_established }'

/** One word says what a step is. Its own schema says what is wrong with it, not a union of all. */
export const talkSteps = z
  .array(z.custom<TalkStep>())
  .min(1)
  .superRefine((list, context) => {
    for (const [index, step] of list.entries())
      for (const message of problemsOf(step)) context.addIssue({ code: 'custom', path: [index], message })
  })
  .meta({ title: 'list of steps' })

function problemsOf(step: unknown): readonly string[] {
  const words = typeof step === 'object' && step !== null ? Object.keys(step) : []
  const word = words.find((each): each is keyof typeof steps => Object.hasOwn(steps, each))
  if (word === undefined) return [`expected one of ${Object.keys(steps).join(', ')}, such as ${example}`]
  const { error } = steps[word].safeParse(step)
  return (error?.issues ?? []).map(({ path, message }) => `${path.join('.') || word}: ${message}`)
}
