/** The desk without a thread, for tests. */
import type { Kinds } from '../../core/plan/kinds.ts'
import { openDesk } from './desk.ts'
import type { Documents } from './documents.ts'

export function documentsInline(kinds: Kinds): Documents {
  const desk = openDesk(kinds)
  return {
    preview: async (job) => desk.preview(job),
    copy: async (job) => desk.copy(job),
    lint: async (job) => desk.lint(job),
    survey: async (job) => desk.survey(job),
  }
}
