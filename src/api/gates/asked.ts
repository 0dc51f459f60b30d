/** What somebody asks a gate: which release, and at which point of it. */
import { z } from '@hono/zod-openapi'
import type { GatePoint } from '../../core/release/gate.ts'
import { shortText } from '../wire/shapes.ts'

export const pointQuery = {
  step: shortText.optional().openapi({ description: 'Id of a step: open when it and all before it is closed' }),
  phase: shortText.optional().openapi({ description: 'Id of a phase: open when it is done' }),
  stage: shortText
    .optional()
    .openapi({ description: 'Number from 1, weight such as `25%`, or id of a stage: open when the rollout is in it' }),
}

export const targetQuery = {
  release: shortText.optional().openapi({ description: 'Id of a release; else all three of the target' }),
  service: shortText.optional(),
  environment: shortText.optional(),
  version: shortText.optional(),
}

export interface PointGiven {
  readonly step?: string | undefined
  readonly phase?: string | undefined
  readonly stage?: string | undefined
}

export interface ReleaseGiven {
  readonly release?: string | undefined
  readonly service?: string | undefined
  readonly environment?: string | undefined
  readonly version?: string | undefined
}

/** null = more than one was given: nobody knows which is meant. None = the release as a whole. */
export function pointOf({ step, phase, stage }: PointGiven): GatePoint | null {
  const points: readonly (GatePoint | null)[] = [
    step === undefined ? null : { kind: 'step', step },
    phase === undefined ? null : { kind: 'phase', phase },
    stage === undefined ? null : { kind: 'stage', stage },
  ]
  const given = points.filter((point) => point !== null)
  return given.length > 1 ? null : (given[0] ?? { kind: 'release' })
}

export type Wanted =
  | { readonly kind: 'id'; readonly id: string }
  | { readonly kind: 'target'; readonly service: string; readonly environment: string; readonly version: string }

/** null = neither an id alone nor all three of service, environment and version. */
export function wantedOf({ release, service, environment, version }: ReleaseGiven): Wanted | null {
  const target = [service, environment, version]
  if (release !== undefined) return target.every((part) => part === undefined) ? { kind: 'id', id: release } : null
  if (service === undefined || environment === undefined || version === undefined) return null
  return { kind: 'target', service, environment, version }
}

export const gateShape = z
  .object({
    release: z.string(),
    service: z.string(),
    environment: z.string(),
    version: z.string(),
    point: z.looseObject({ kind: z.enum(['release', 'step', 'phase', 'stage']) }),
    status: z.enum(['open', 'waiting', 'closed']),
    open: z.boolean(),
    value: z.union([z.literal(0), z.literal(1)]).openapi({ description: '1 = open, and nothing else is' }),
    say: z.string(),
  })
  .openapi('Gate')
