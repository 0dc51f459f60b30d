/** Decisions about when: opening a closed window, moving the planned start. */
import type { ReleaseView } from '../../../../src/api/wire/web.ts'
import { type Decision, momentOf } from './decisions.ts'

type TimeView = NonNullable<ReleaseView['time']>

/** The role that may override what the release waits for now; null = it waits for no window, or nobody may. */
export function overriderOf({ waitsFor }: ReleaseView): string | null {
  const commands = waitsFor.flatMap((wait) => (wait.kind === 'time' ? wait.commands : []))
  for (const { why } of commands) {
    const role = /^override the window, as (.+)$/.exec(why)?.[1]
    if (role !== undefined) return role
  }
  return null
}

export function overriding(role: string): Decision {
  return {
    title: 'Override the window',
    lead: `The phase begins although its window is closed. Only ${role} may do so. Who and why is listed in the report.`,
    action: 'Override it',
    isStop: true,
    inputs: [
      {
        name: 'why',
        label: 'Reason',
        kind: 'lines',
        required: true,
        hint: 'For example: customers cannot pay until this is out',
      },
    ],
    command: (values) => ({ kind: 'OverrideWindow', phase: null, role, reason: values['why'] ?? '' }),
  }
}

export function rescheduling({ plannedAt, phase, dues }: TimeView): Decision {
  const before = dues.filter(({ side }) => side === 'before').map(({ title }) => `“${title}”`)
  return {
    title: `Move the start of “${phase?.title ?? ''}”`,
    lead:
      before.length === 0
        ? 'It begins at the new time by itself.'
        : `${before.join(', ')} moves with it. What was done too long before the new start is asked again.`,
    action: 'Move it',
    inputs: [
      {
        name: 'to',
        label: 'New start',
        kind: 'moment',
        required: true,
        hint: 'A time of your zone',
        start: plannedAt === null ? '' : localWords(plannedAt),
      },
      { name: 'why', label: 'Why', kind: 'lines', required: true },
    ],
    command: (values) => ({ kind: 'Reschedule', to: momentOf(values['to']) ?? 0, reason: values['why'] ?? '' }),
  }
}

/** As a field of date and time wants it: `2026-12-01T10:00`, by the clock of whoever looks. */
function localWords(at: number): string {
  const there = new Date(at)
  return new Date(at - there.getTimezoneOffset() * 60_000).toISOString().slice(0, 16)
}
