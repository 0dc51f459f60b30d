/** A checklist looked at before a start: what comes back on the wire. */
import { z } from '@hono/zod-openapi'
import type { Problem } from '../../core/plan/plan.ts'
import type { Debt } from '../../report/debt.ts'
import type { PlanView } from '../../report/plan-view.ts'
import type { ReadinessLine } from '../../report/readiness.ts'
import { documentBody, shortText } from './shapes.ts'

export const planBody = z
  .strictObject({
    document: documentBody.omit({ digest: true }),
    /** The project that a service of none would belong to. */
    project: shortText.nullable().optional(),
  })
  .openapi('LookAtPlan')

export const debtShape = z
  .looseObject({ step: z.string(), text: z.string(), count: z.number(), of: z.number(), since: z.number() })
  .openapi('Debt')

const readinessLine = z.object({
  id: z.string(),
  what: z.string(),
  answer: z.enum(['yes', 'no', 'not asked']),
  say: z.string(),
  steps: z.array(z.string()),
})

export const planAnswerShape = z
  .looseObject({
    at: z.number(),
    plan: z.looseObject({ digest: z.string(), service: z.string() }).nullable().openapi({
      description: 'null = it does not compile; `digest` is what a start has to name',
    }),
    problems: z.array(z.looseObject({ line: z.number(), code: z.string(), severity: z.enum(['error', 'warning']) })),
    project: z.string().nullable().openapi({ description: 'Whose release it would be; null = it has to be said' }),
    projects: z.array(z.string()).openapi({ description: 'Which it may be, where it has to be said' }),
    places: z.array(
      z.object({
        environment: z.string(),
        protected: z.boolean(),
        refused: z.string().nullable().openapi({ description: 'Why the caller cannot start there; null = they can' }),
        serving: z.string().nullable(),
        holder: z
          .object({ release: z.string(), version: z.string(), phase: z.string(), supersedable: z.boolean() })
          .nullable(),
        line: z.number().optional().openapi({ description: 'How many starts stand in line there' }),
      }),
    ),
    debt: z.array(debtShape).openapi({ description: 'Steps that its last releases let pass again and again' }),
    readiness: z.array(readinessLine).optional().openapi({
      description: 'What a release with it would wait for as things stand: records, the window, incidents, follow-ups',
    }),
    anyEnvironment: z.boolean().openapi({ description: 'The checklist names none: another may be given' }),
  })
  .openapi('PlanLookedAt')

export type { PlanView }

export interface PlanPlace {
  readonly environment: string
  readonly protected: boolean
  readonly refused: string | null
  /** Version that users run now, as far as known. */
  readonly serving: string | null
  /** Whose turn it is there now. */
  readonly holder: {
    readonly release: string
    readonly version: string
    readonly phase: string
    readonly supersedable: boolean
  } | null
  /** How many starts stand in line there; absent = the caller may not see it. */
  readonly line?: number
}

export interface PlanAnswer {
  readonly at: number
  readonly plan: PlanView | null
  readonly problems: readonly Problem[]
  readonly project: string | null
  readonly projects: readonly string[]
  readonly places: readonly PlanPlace[]
  readonly anyEnvironment: boolean
  /** Steps that its last releases let pass again and again, as far as the caller may see them. */
  readonly debt: readonly Debt[]
  /** What a release with it would wait for as things stand; absent = it does not compile. */
  readonly readiness?: readonly ReadinessLine[]
}
