/** The small parts of every release view: facts, the bar, what it waits for, how it ended. */
import { wallWords } from '../../core/calendar/wall-words.ts'
import type { BarView, DecisionView, FactsView, ReleaseView, WaitingView } from '../../report/view.ts'
import { clockWords, dateWords, durationWords, measuredWords, servingWords } from '../../report/words.ts'
import type { Line, Span, Tone } from './line.ts'
import { spread } from './line.ts'
import { wrap } from './text.ts'

/** Who, what and where: printed once above a live view and first in `release show`. */
export function factLines(release: string, facts: FactsView, width: number): readonly Line[] {
  const rehearsal: Span = facts.rehearsal ? ['  rehearsal: nothing is changed', 'warn'] : ''
  const andBack: Span = facts.andBack ? ['  rehearsal of the way back', 'warn'] : ''
  const title: Line = [
    [`${facts.service} ${facts.releaseVersion}`, 'strong'],
    ` → ${facts.environment}`,
    facts.protected ? ' (protected)' : '',
    rehearsal,
    andBack,
    facts.drill === undefined ? '' : [`  drill: ${facts.drill}`, 'warn'],
  ]
  const commit = facts.commit
    ? ` · commit ${facts.commit.slice(0, 10)}${facts.dirty ? ', with uncommitted changes' : ''}`
    : ''
  const scripted = facts.startedBy.kind === 'scripted' ? ' (scripted)' : ''
  const before: readonly Line[] =
    facts.serving === undefined ? [] : [[[`before: ${servingWords(facts.serving)}`, 'dim']]]
  return [
    spread(title, [[facts.previous ? `previous ${facts.previous}` : 'no previous version known', 'dim']], width),
    [[`release ${release} · plan ${facts.planDigest.slice(0, 12)}${commit}`, 'dim']],
    [[`started by ${facts.startedBy.id}${scripted} ${dateWords(facts.startedAt)} · ${ladderWords(facts)}`, 'dim']],
    ...before,
  ]
}

function ladderWords({ ladder }: FactsView): string {
  return `${ladder.automated} proven by machines, ${ladder.manual} by people`
}

const tones: Readonly<Record<BarView['tone'], Tone>> = { good: 'good', busy: 'busy', person: 'person', bad: 'bad' }

/** The bar: what blocks us now, who owes it, since when, what happens next and when. */
export function barLines(bar: BarView, now: number, width: number): readonly Line[] {
  const tone = tones[bar.tone]
  const edge: Span = ['▌ ', tone]
  const who = [bar.who ?? '', bar.since === null ? '' : durationWords(now - bar.since)].filter((part) => part !== '')
  const right: Line = who.length > 0 ? [[who.join(' · '), 'dim']] : []
  const [first = '', ...rest] = wrap(
    bar.now,
    Math.max(20, width - 4 - (who.length > 0 ? who.join(' · ').length + 2 : 0)),
  )
  const lines: Line[] = [spread([edge, [first, tone]], right, width)]
  // Two lines are enough to know; the rest is in the checklist.
  if (rest.length > 0) lines.push([edge, [rest.join(' '), tone]])
  const next = nextWords(bar, now)
  if (next !== '') lines.push([edge, [next, 'dim']])
  return lines
}

function nextWords(bar: BarView, now: number): string {
  const when = bar.nextAt === null ? '' : `, in ${durationWords(bar.nextAt - now)}`
  if (bar.next) return `next: ${bar.next}${when === ', in 0s' ? '' : when}`
  return bar.nextAt === null ? '' : `goes on${when.slice(1)}, at ${clockWords(bar.nextAt)} UTC`
}

/** What it waits for, numbered, as keys to press. A wait by the clock needs nobody and stands in the tree. */
export function waitLines(view: ReleaseView, width: number, room: number): readonly Line[] {
  const owed = view.waitsFor.filter((wait) => wait.kind !== 'time')
  const shown = owed.slice(0, room)
  const lines = shown.map((wait, index) =>
    spread([' ', [`[${index + 1}]`, 'person'], ` ${wait.what}`], whoSpan(wait, view.at), width),
  )
  const more = owed.length - shown.length
  return more > 0 && lines.length > 0 ? [...lines.slice(0, -1), [' ', [`… and ${more + 1} more`, 'dim']]] : lines
}

function whoSpan(wait: WaitingView, now: number): Line {
  const left = wait.until === null ? '' : wait.until > now ? `${durationWords(wait.until - now)} left` : 'overdue'
  const text = [wait.who ?? '', left].filter((part) => part !== '').join(' · ')
  return text === '' ? [] : [[text, 'dim']]
}

/** What it waits for, each with the exact commands: for scripts, logs and `release show`. Never cut: people copy from here. */
export function waitCommandLines(view: ReleaseView): readonly Line[] {
  return view.waitsFor.flatMap((wait) => {
    const right = [
      wait.who ?? '',
      wait.until === null
        ? ''
        : `until ${untilWords(view, wait.until)}${wait.otherwise ? `, then: ${wait.otherwise}` : ''}`,
    ]
    const about = right.filter((part) => part !== '').join(' · ')
    const head: Line = ['  ', ['☛', 'person'], ` ${wait.what}`, about === '' ? '' : [`  (${about})`, 'dim']]
    return [head, ...wait.commands.map(({ why, command }): Line => ['      ', command, [`   # ${why}`, 'dim']])]
  })
}

/** Where its times are given by the clock of the checklist, this one is too. */
function untilWords({ time }: ReleaseView, until: number): string {
  return time === undefined ? dateWords(until) : wallWords(time.zone, until)
}

export function messageTroubleLines(view: ReleaseView): readonly Line[] {
  const drafts = view.messages.flatMap((message, index): readonly Line[] =>
    message.status === 'draft'
      ? [
          [
            ' ',
            ['✉', 'person'],
            ` a draft about ${message.on} to ${message.channel} waits for ${message.draft?.role ?? 'a person'}`,
            [`   # holdpoint message show ${view.release} ${index + 1}`, 'dim'],
          ],
        ]
      : [],
  )
  const troubles = view.messages
    .filter((message) => message.status === 'failed' || (message.status === 'queued' && message.tries > 0))
    .map(
      (message): Line => [
        ' ',
        ['✉', 'warn'],
        ` ${message.on} to ${message.channel} ${message.status === 'failed' ? 'not sent' : 'not sent yet'}: ${message.say}`,
      ],
    )
  return [...drafts, ...troubles]
}

const decisionIcons: Readonly<Record<DecisionView['word'], string>> = {
  released: '✔',
  closed: '✔',
  'rolled back': '↩',
  'rollback failed': '✖',
  superseded: '–',
  'left as it was': '✖',
}

export function decisionLine(decision: DecisionView): Line {
  const tone: Tone = decision.good ? 'good' : 'bad'
  const { word, sentence } = decision
  // Most sentences say the word themselves.
  const saysIt = sentence.toLowerCase().startsWith(word)
  const head = `${decisionIcons[word]} ${saysIt ? sentence : word}`
  return [[head, tone], saysIt || sentence === '' ? '' : ` · ${sentence}`, ` · took ${measuredWords(decision.tookMs)}`]
}
