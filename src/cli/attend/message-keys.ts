/** What a person can do about a required message from the live view. */
import type { WireCommand } from '../../api/client-types.ts'
import type { ReleaseView, WaitingView } from '../../report/view.ts'
import { askLine, askUntil } from '../ask-line.ts'
import { visible, visibleLines } from '../terminal/text.ts'

/** null = the person thought better of it. */
export async function askMessage(
  wait: WaitingView,
  view: ReleaseView,
): Promise<{ readonly command: WireCommand } | null> {
  const message = view.messages.find((each) => each.id === wait.message)
  if (!message) return null
  process.stdout.write(`\n${visibleLines(message.body ?? message.subject)}\n\n`)
  const key = await askUntil<string>(
    '[s] send it  [o] told another way  [w] go on without it  (empty = nothing) ',
    (given) =>
      /^[sow]?$/i.test(given) ? { value: given.toLowerCase() } : { again: `"${visible(given)}" is none of s, o, w.` },
  )
  if (key === 's') return { command: { kind: 'SendMessage', message: message.id, role: message.draft?.role ?? null } }
  if (key === 'o') {
    const note = await askLine('How were they told? ')
    return note ? { command: { kind: 'ConfirmMessage', message: message.id, note, evidence: [] } } : null
  }
  if (key !== 'w') return null
  const role = await askLine('Your role: ')
  const reason = role ? await askLine('Why go on without it? ') : null
  return role && reason ? { command: { kind: 'WaiveMessage', message: message.id, role, reason } } : null
}
