/** A plan is only ever made here, from the document: what a client calls its plan is compared, never believed. */
import { drillPlan } from '../core/plan/drill-plan.ts'
import type { Plan } from '../core/plan/plan.ts'
import type { DocumentBody } from './client-types.ts'
import type { ApiDeps } from './deps.ts'
import { RouteRefusal } from './wire/problem.ts'

/** What is started: the whole checklist, or one drill of it. */
export function planToStart(
  deps: Parameters<typeof compileAgain>[0],
  body: DocumentBody,
  drill: string | undefined,
): Plan {
  const whole = compileAgain(deps, body)
  if (drill === undefined) return whole
  const found = drillPlan(whole, drill)
  if (found.kind === 'refused') throw new RouteRefusal('unknown-drill', found.reason)
  return found.plan
}

export function compileAgain(
  deps: Pick<ApiDeps, 'compile'> & { readonly about: Pick<ApiDeps['about'], 'pid' | 'version'> },
  body: DocumentBody,
): Plan {
  const { plan, problems } = deps.compile({
    file: body.file,
    bytes: Buffer.from(body.base64, 'base64'),
    shared: body.shared,
    ...(body.calendars === undefined ? {} : { calendars: body.calendars }),
  })
  if (plan === null) {
    const errors = problems.filter((problem) => problem.severity === 'error').length
    throw new RouteRefusal(
      'does-not-compile',
      `${body.file} does not compile: ${errors} ${errors === 1 ? 'error' : 'errors'}.`,
      { problems },
    )
  }
  if (plan.digest === body.digest) return plan
  throw new RouteRefusal(
    'digest-mismatch',
    `${body.file} compiles here to the plan ${plan.digest.slice(0, 12)}, but ${body.digest.slice(0, 12)} was asked for: this engine (pid ${deps.about.pid}, version ${deps.about.version}) is of another build than the program that asked. End it with \`kill ${deps.about.pid}\` when nothing is being moved; the next command starts a new one.`,
  )
}
