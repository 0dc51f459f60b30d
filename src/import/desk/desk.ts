/** Answers what is asked about documents: previews, copies, lint, surveys. Pure, and as slow as the document is long. */
import { sha256Hex } from '../../core/log/canonical.ts'
import type { Kinds } from '../../core/plan/kinds.ts'
import { ladderOf, rungOf } from '../../core/plan/ladder.ts'
import type { Plan } from '../../core/plan/plan.ts'
import { needsOf } from '../../core/plan/record-needs.ts'
import { writeCopy } from '../copy.ts'
import { asksPeople, coverageLine } from '../coverage.ts'
import { decisionsIn, noDecisions, printsOf } from '../decisions.ts'
import { importDocument, type Import } from '../import.ts'
import { fixDocument } from '../lint/fix.ts'
import { lintDocument } from '../lint/lint-document.ts'
import { withTextProblems } from '../lint/text-problems.ts'
import { removeBlocks } from '../remove.ts'
import { differenceOf } from './difference.ts'
import type { CopyJob, CopyWritten, Desk, PlanFacts, Preview, PreviewJob, SurveyedPhase } from './jobs.ts'

export function openDesk(kinds: Kinds): Desk {
  return {
    preview,
    copy: (job) => copy(job, kinds),
    lint({ file, bytes, shared, calendars = [], fix, today }) {
      const fixed = fix ? fixDocument(bytes) : { bytes, fixes: [] }
      const { plan, problems, isDeclared } = lintDocument({ file, bytes: fixed.bytes, shared, calendars }, kinds, today)
      const text = fixed.fixes.length > 0 ? new TextDecoder('utf-8', { ignoreBOM: true }).decode(fixed.bytes) : null
      return { problems, declared: isDeclared, plan: factsOf(plan), fixed: fixed.fixes, text }
    },
    survey({ file, bytes, shared, calendars = [], today }) {
      const { plan, problems } = lintDocument({ file, bytes, shared, calendars }, kinds, today)
      const { imported } = importDocument(bytes, { file })
      const coverage = coverageLine(imported.coverage)
      return {
        plan: factsOf(plan),
        problems,
        coverageLine: coverage,
        phases: phasesOf(plan),
        needs: plan === null ? [] : needsOf(plan),
      }
    },
  }
}

function preview({ today, earlier, ...job }: PreviewJob): Preview {
  const read = importDocument(job.bytes, job)
  const imported = withTextProblems(read, today)
  return {
    imported,
    coverageLine: coverageLine(imported.coverage),
    earlier: earlier === null ? null : decidedBefore(earlier, read),
    asks: imported.items.flatMap(({ proposal }, at) => (proposal !== null && asksPeople(proposal.block) ? [at] : [])),
    hasFrontMatter: read.outline.frontMatter !== null,
  }
}

function decidedBefore(earlier: string, read: Import): Preview['earlier'] {
  const found = decisionsIn(earlier, read)
  return found === null ? 'unknown' : { ...found, skipped: [...found.skipped] }
}

function copy(job: CopyJob, kinds: Kinds): CopyWritten {
  const { calendars = [] } = job
  const read = importDocument(job.bytes, job)
  const prints = printsOf(read.outline)
  const before = (job.earlier === null ? null : decisionsIn(job.earlier, read)) ?? noDecisions
  const copied = writeCopy(
    read,
    [...job.accepted].sort((a, b) => a.at - b.at),
    {
      file: job.out,
      shared: job.shared,
      calendars,
      kinds,
      skipped: job.skipped.flatMap((at) => prints[at] ?? []),
      extra: withoutTwice([...before.extra, ...job.extra]),
    },
  )
  const removed = copied.text === null ? null : removeBlocks(copied.text)
  if (copied.text === null || removed === null)
    return { ...copied, text: null, plan: null, difference: [], restored: null }
  const bytes = new TextEncoder().encode(copied.text)
  const { plan, problems } = lintDocument({ file: job.out, bytes, shared: job.shared, calendars }, kinds, job.today)
  const sha256 = sha256Hex(new TextEncoder().encode(removed.text))
  return {
    ...copied,
    problems,
    plan: factsOf(plan),
    difference: differenceOf(copied.text, removed),
    restored: { sha256, isSame: sha256 === sha256Hex(job.bytes) },
  }
}

/** The last line for a name counts. */
function withoutTwice(lines: readonly string[]): readonly string[] {
  const nameOf = (line: string): string => /^[\w-]+(?=:)/.exec(line)?.[0] ?? line
  const last = new Map(lines.map((line, at) => [nameOf(line), at]))
  return lines.filter((line, at) => last.get(nameOf(line)) === at)
}

function factsOf(plan: Plan | null): PlanFacts | null {
  if (plan === null) return null
  const { digest, name, service } = plan
  const environments = Object.entries(plan.environments).map(([each, found]) => ({
    name: each,
    protected: found.protected,
  }))
  return { digest, name, service, environments, ladder: ladderOf(plan) }
}

function phasesOf(plan: Plan | null): readonly SurveyedPhase[] {
  if (plan === null) return []
  return plan.phases.map(({ id, title, kind }) => ({
    title,
    kind,
    steps: plan.steps
      .filter(({ phase }) => phase === id)
      .map((step) => ({
        id: step.id,
        text: step.text,
        line: step.line,
        rung: rungOf(step),
        word: step.block.word,
        danger: step.danger,
      })),
  }))
}
