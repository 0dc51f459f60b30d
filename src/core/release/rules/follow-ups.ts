/** A lesson becomes a task: written into the release that taught it, and tracked from there. */
import { accept, refuse, type Rule } from '../decision.ts'

export const addFollowUp: Rule<'AddFollowUp'> = (state, command, facts) => {
  const { title, severity, owner, due, link } = command
  if (title.trim() === '')
    return refuse('reason-required', 'Say what is to be done. For example: "Alert on a full disk of the queue"')
  if (link !== null && !/^https?:\/\//.test(link))
    return refuse('bad-answer', `"${link}" is no address; expected one such as https://tickets.example/OPS-42`)
  if (due !== null && due <= facts.now) return refuse('bad-answer', 'It would be overdue already: name a day to come.')
  const followUp = `follow-up-${state.followUps.length + 1}`
  const by = facts.actor.id
  return accept({ kind: 'FollowUpAdded', followUp, title: title.trim(), severity, owner, due, link, by })
}
