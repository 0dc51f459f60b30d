/** What an event of a release means on a status page, where the message does not say it. */
import { isStatusWord, publicWords, type StatusWord } from '../plan/status-words.ts'
import { isEndingTopic } from './kept.ts'

const byTopic: Readonly<Record<string, StatusWord>> = {
  'release.started': 'scheduled',
  'rollout.finished': 'verifying',
  'release.validating': 'verifying',
  'trigger.fired': 'investigating',
  'traffic.drifted': 'investigating',
  'decision.asked': 'investigating',
  'release.held': 'investigating',
  'rollback.started': 'investigating',
  'rollback.failed': 'identified',
  'release.resumed': 'monitoring',
  'rollback.finished': 'resolved',
}

interface Told {
  readonly on: string
  readonly status?: string
  readonly subject: string
  readonly body: string
}

export function statusOf({ on, status }: Pick<Told, 'on' | 'status'>): StatusWord {
  if (isStatusWord(status)) return status
  return byTopic[on] ?? (isEndingTopic(on) ? 'completed' : 'in_progress')
}

/** What strangers read: the text of the checklist, never the news itself, which may quote people, numbers and output. */
export function publicTextOf({ subject, body, quiet }: Told & { readonly quiet?: true }, status: StatusWord): string {
  const text = body.trim()
  return quiet === true || text === '' || text === subject.trim() ? publicWords[status] : text
}
