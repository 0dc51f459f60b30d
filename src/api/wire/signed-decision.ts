/** What a person signs when they decide something about a release: one line that fits no other decision. Pure. */
import { digestOf } from '../../core/log/canonical.ts'
import type { WireCommand } from '../client-types.ts'

export interface SignedDecision {
  readonly verb: string
  readonly release: string
  /** The step's id, `stage-1` for the first stage, or `-` for the release as a whole. */
  readonly subject: string
  /** What the person saw: the digest that the release shows for an approval; else its version, and the digest of all that is asked. */
  readonly seen: string
  readonly role: string | null
}

/** The line a person signs. It names all that the decision means, and the person. */
export function statementOf({ verb, release, subject, seen, role }: SignedDecision, id: string): string {
  return `holdpoint ${verb} ${release} ${subject} ${seen} as ${id} role ${role ?? '-'}\n`
}

/** Each takes a signature; the rest needs none anywhere. */
const verbs: Readonly<Partial<Record<WireCommand['kind'], string>>> = {
  Approve: 'approve',
  RoleNotNeeded: 'not-needed',
  Acknowledge: 'acknowledge',
  Waive: 'waive',
  MarkNotApplicable: 'not-applicable',
  Promote: 'promote',
  Resume: 'resume',
  Settle: 'settle',
  Amend: 'amend',
  OverrideWindow: 'override',
  Reschedule: 'reschedule',
  WaiveMessage: 'waive-message',
  Abort: 'abort',
}

/** Why there is nothing to sign, in words. */
export interface NotSignable {
  readonly unsignable: string
  readonly code: 'bad-body' | 'bad-signature'
}

/** `word` = the block word of the step that the command is about, if any: only an approval has a digest of its own. */
export function signedDecisionOf(
  release: string,
  command: WireCommand,
  seen: number | null,
  word: string | null,
): SignedDecision | NotSignable {
  const verb = verbs[command.kind]
  if (verb === undefined) return { unsignable: `${command.kind} takes no signature.`, code: 'bad-body' }
  if (command.kind === 'Approve' && word === 'approve') {
    const { digest, step, role } = command
    if (digest === null)
      return { unsignable: 'A signed approval names the digest that it signs.', code: 'bad-signature' }
    return { verb, release, subject: step, seen: digest, role }
  }
  if (seen === null)
    return { unsignable: 'A signed decision names the version of the release that was seen.', code: 'bad-signature' }
  return {
    verb: command.kind === 'Approve' ? 'confirm' : verb,
    release,
    subject: subjectOf(command),
    seen: `version ${seen} content ${digestOf(command)}`,
    role: 'role' in command ? command.role : null,
  }
}

function subjectOf(command: WireCommand): string {
  if (command.kind === 'Promote') return command.stage === null ? '-' : `stage-${command.stage + 1}`
  if (command.kind === 'WaiveMessage') return command.message
  return 'step' in command && command.step !== null ? command.step : '-'
}
