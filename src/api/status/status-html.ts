/** The public status page as HTML: one document without a script, everything in it escaped. */
import { escaped } from '../page.ts'
import type { StatusWord } from '../../core/plan/status-words.ts'
import type { PublicEntry, PublicRelease, PublicStatus, PublicTone } from './public-view.ts'

export const STYLE_PATH = '/status/style.css'

export function statusHtml(status: PublicStatus): string {
  const { name, at, now, coming, recent, open, planned, past } = status
  return documentOf(
    `${name}: status`,
    `<header><p class="of">${escaped(name)}</p><h1>${escaped(headlineOf(status))}</h1></header>
${open.length === 0 ? '' : `<section aria-labelledby="open"><h2 id="open">Now</h2>${open.map(notice).join('')}</section>`}
${planned.length + coming.length === 0 ? '' : `<section aria-labelledby="planned"><h2 id="planned">Planned</h2>${planned.map(notice).join('')}${coming.length === 0 ? '' : `<ul>${coming.map(line).join('')}</ul>`}</section>`}
${now.length === 0 ? '' : `<section aria-labelledby="now"><h2 id="now">Being released</h2><ul>${now.map(line).join('')}</ul></section>`}
<section aria-labelledby="recent"><h2 id="recent">The last two weeks</h2>
${past.map(notice).join('')}
${recent.length === 0 ? '<p class="none">Nothing was released.</p>' : `<ul>${recent.map(line).join('')}</ul>`}</section>
<footer><p>As of ${moment(at)}. Reload for what is newer; times are in UTC.</p></footer>`,
  )
}

function headlineOf({ open, now }: PublicStatus): string {
  const [first, ...others] = open
  if (first) return others.length === 0 ? first.title : `${first.title}, and ${others.length} more`
  if (now.length === 0) return 'Nothing is being released right now'
  return now.length === 1 ? 'One release is under way' : `${now.length} releases are under way`
}

const words: Readonly<Record<StatusWord, readonly [words: string, tone: PublicTone]>> = {
  investigating: ['being looked into', 'bad'],
  identified: ['cause known', 'bad'],
  monitoring: ['being watched', 'moving'],
  resolved: ['resolved', 'good'],
  scheduled: ['planned', 'quiet'],
  in_progress: ['under way', 'moving'],
  verifying: ['being watched', 'moving'],
  completed: ['completed', 'good'],
}

function notice({ title, services, status, from, until, updates }: PublicEntry): string {
  const [word, tone] = words[status]
  const times =
    from === null ? '' : `<p class="when">${moment(from)}${until === null ? '' : ` to ${moment(until)}`}</p>`
  const of = services.length === 0 ? '' : ` <span class="where">${escaped(services.join(', '))}</span>`
  return `<article class="${tone}"><h3>${escaped(title)}${of} <span class="word">${word}</span></h3>${times}<ol>${updates.map(updateLine).join('')}</ol></article>`
}

function updateLine({ at, status, text }: PublicEntry['updates'][number]): string {
  return `<li class="update"><span class="when">${moment(at)}</span> <b>${words[status][0]}</b><p>${escaped(text)}</p></li>`
}

export function noStatusHtml(): string {
  return documentOf(
    'No status page here',
    '<header><h1>No status page here</h1></header><p class="none">There is none at this address, or it is switched off.</p>',
  )
}

function line(release: PublicRelease): string {
  const { service, version, environment, word, tone } = release
  const time = timeOf(release)
  return `<li class="${tone}"><span class="what"><b>${escaped(service)}</b> ${escaped(version)} <span class="where">${escaped(environment)}</span></span><span class="word">${escaped(word)}</span><span class="when">${time}</span></li>`
}

function timeOf({ startedAt, plannedAt, endedAt }: PublicRelease): string {
  if (plannedAt !== null) return `for ${moment(plannedAt)}`
  return endedAt === null ? `since ${moment(startedAt)}` : moment(endedAt)
}

function moment(at: number): string {
  const iso = new Date(at).toISOString()
  return `<time datetime="${iso}">${iso.slice(0, 10)} ${iso.slice(11, 16)}</time>`
}

function documentOf(title: string, body: string): string {
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><meta name="color-scheme" content="light dark"><title>${escaped(title)}</title><link rel="icon" type="image/svg+xml" href="/icon.svg"><link rel="stylesheet" href="${STYLE_PATH}"></head>
<body><main>
${body}
</main></body></html>
`
}

export const statusStyle = `:root {
  color-scheme: light dark;
  --paper: #fcfbf9; --rule: #dedad2; --ink: #1d1c1a; --ink-2: #55514a;
  --good: #1e6b3c; --moving: #0f6180; --bad: #ab2a22; --quiet: #6b665d;
}
@media (prefers-color-scheme: dark) {
  :root {
    --paper: #141518; --rule: #30333a; --ink: #e9e7e2; --ink-2: #b6b3ad;
    --good: #7ccb97; --moving: #74c3df; --bad: #f39a90; --quiet: #9a978f;
  }
}
* { box-sizing: border-box; }
body {
  margin: 0; background: var(--paper); color: var(--ink);
  font: 0.9375rem/1.55 ui-sans-serif, system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif;
  font-variant-numeric: tabular-nums; overflow-wrap: anywhere;
}
main { max-width: 52rem; margin: 0 auto; padding: clamp(2rem, 9vh, 6rem) 1.25rem 3rem; }
h1, h2, h3, p, ul, ol { margin: 0; padding: 0; }
h1 { font-size: 1.75rem; line-height: 1.25; font-weight: 650; letter-spacing: -0.011em; }
h2 { margin: 3rem 0 0.5rem; font-size: 0.8125rem; font-weight: 600; color: var(--ink-2); }
.of { margin-bottom: 0.25rem; color: var(--ink-2); font-weight: 600; }
header { margin-bottom: 1.5rem; }
article { margin: 0 0 1.25rem; padding: 0.75rem 0 0.25rem 0.9rem; box-shadow: inset 3px 0 var(--tone); overflow-wrap: anywhere; }
h3 { font-size: 1rem; font-weight: 650; }
h3 .word { font-weight: 400; }
ol { list-style: none; margin-top: 0.4rem; }
.update { display: block; padding: 0.45rem 0; border: 0; box-shadow: none; }
.update p { white-space: pre-line; max-width: 44rem; }
.update .when, article > .when { text-align: left; }
ul { list-style: none; border-bottom: 1px solid var(--rule); }
ul > li {
  display: grid; grid-template-columns: minmax(0, 1fr) 13rem 13.5rem; gap: 0 1rem; align-items: baseline;
  padding: 0.65rem 0 0.65rem 0.9rem; border-top: 1px solid var(--rule); box-shadow: inset 3px 0 var(--tone);
  overflow-wrap: anywhere;
}
.moving { --tone: var(--moving); } .good { --tone: var(--good); } .bad { --tone: var(--bad); } .quiet { --tone: var(--quiet); }
b { font-weight: 650; }
.word { color: var(--tone); }
.where, .when, .none, footer { color: var(--ink-2); font-size: 0.8125rem; }
.when { text-align: right; }
footer { margin-top: 2.5rem; }
@media (max-width: 44rem) {
  ul > li { grid-template-columns: 1fr auto; }
  .what { grid-column: 1 / -1; }
}
`
