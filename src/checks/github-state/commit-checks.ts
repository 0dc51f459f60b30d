/** Checks, statuses and workflow runs of a commit. Skipped is not seen: what is asked for by name has to have succeeded. */
import { z } from 'zod'
import type { Github } from '../../core/github/api.ts'
import { counted, type Finding, listed, shaped } from './finding.ts'

/** One thing that ran for the commit: `success`, another conclusion, or null while it is not over. */
interface Ran {
  readonly name: string
  readonly ended: string | null
}

const checkRuns = z.array(z.object({ name: z.string(), status: z.string(), conclusion: z.string().nullable() }))
const statuses = z.array(z.object({ context: z.string(), state: z.string() }))
const runs = z.array(
  z.object({
    id: z.number(),
    name: z.string().nullish(),
    path: z.string().nullish(),
    workflow_id: z.number(),
    status: z.string().nullable(),
    conclusion: z.string().nullable(),
    html_url: z.string().nullish(),
  }),
)

/** `all` = whatever ran, at least one; else each of these names. */
export async function findChecks(github: Github, commit: string, wanted: 'all' | readonly string[]): Promise<Finding> {
  const found = await github.all(`/commits/${commit}/check-runs`, 'check_runs')
  const told = await github.all(`/commits/${commit}/status`, 'statuses')
  const ran: readonly Ran[] = [
    ...shaped(checkRuns, found, 'the checks of the commit').map(({ name, status, conclusion }) => ({
      name,
      ended: status === 'completed' ? (conclusion ?? 'no conclusion') : null,
    })),
    ...shaped(statuses, told, 'the statuses of the commit').map(({ context, state }) => ({
      name: context,
      ended: state === 'pending' ? null : state,
    })),
  ]
  return wanted === 'all' ? judgeAll(ran) : judgeNamed(ran, wanted, 'check')
}

/** The newest run of each workflow counts; `Release Gates` or `release.yml`. */
export async function findWorkflows(github: Github, commit: string, wanted: readonly string[]): Promise<Finding> {
  const rows = await github.all(`/actions/runs?head_sha=${commit}`, 'workflow_runs')
  const newest = new Map<number, z.infer<typeof runs>[number]>()
  for (const run of shaped(runs, rows, 'the workflow runs of the commit'))
    if (run.id > (newest.get(run.workflow_id)?.id ?? 0)) newest.set(run.workflow_id, run)
  const ran = [...newest.values()].flatMap(({ name, path, status, conclusion }) => {
    const file = path?.split('@')[0]?.split('/').at(-1)
    const ended = status === 'completed' ? (conclusion ?? 'no conclusion') : null
    return [...new Set([name, file])].flatMap((each) => (each ? [{ name: each, ended }] : []))
  })
  const found = judgeNamed(ran, wanted, 'workflow')
  return {
    ...found,
    lines: [...newest.values()].map(
      (run) => `workflow ${run.name}: ${run.conclusion ?? run.status} ${run.html_url ?? ''}`,
    ),
  }
}

function judgeAll(ran: readonly Ran[]): Finding {
  const counting = ran.filter(({ ended }) => ended !== 'skipped' && ended !== 'neutral')
  const lines = linesOf(ran, 'check')
  const bad = counting.filter(({ ended }) => ended !== null && ended !== 'success')
  const facts = { checks: counting.length, checks_failed: bad.map(({ name }) => name) }
  if (bad.length > 0) return { state: 'bad', say: listed(bad.map(wordsOf)), lines, facts }
  const open = counting.filter(({ ended }) => ended === null)
  if (open.length > 0) return { state: 'unknown', say: listed(open.map(wordsOf)), lines, facts }
  if (counting.length === 0) return { state: 'unknown', say: 'no check ran for the commit', lines, facts }
  return { state: 'good', say: `${counted(counting.length, 'check')} succeeded`, lines, facts }
}

function judgeNamed(ran: readonly Ran[], wanted: readonly string[], what: string): Finding {
  const lines = linesOf(ran, what)
  const of = (name: string): readonly Ran[] => ran.filter((each) => each.name === name)
  const bad = wanted.flatMap(of).filter(({ ended }) => ended !== null && ended !== 'success')
  const facts = { [`${what}s_failed`]: bad.map(({ name }) => name) }
  if (bad.length > 0) return { state: 'bad', say: `${what} ${listed(bad.map(wordsOf))}`, lines, facts }
  const missing = wanted.filter((name) => of(name).length === 0).map((name) => `${name} did not run`)
  const open = [
    ...wanted
      .flatMap(of)
      .filter(({ ended }) => ended === null)
      .map(wordsOf),
    ...missing,
  ]
  if (open.length > 0) return { state: 'unknown', say: `${what} ${listed(open)}`, lines, facts }
  return { state: 'good', say: `${what} ${listed(wanted)} succeeded`, lines, facts }
}

function wordsOf({ name, ended }: Ran): string {
  return ended === null ? `${name} is not over` : `${name} ended as ${ended}`
}

function linesOf(ran: readonly Ran[], what: string): readonly string[] {
  return ran.map(({ name, ended }) => `${what} ${name}: ${ended ?? 'not over'}`)
}
