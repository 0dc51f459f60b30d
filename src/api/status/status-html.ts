/** The public status page as HTML: one document without a script, everything in it escaped. */
import { escaped } from '../page.ts'
import type { PublicRelease, PublicStatus } from './public-view.ts'

export const STYLE_PATH = '/status/style.css'

export function statusHtml({ name, at, now, recent }: PublicStatus): string {
  const headline =
    now.length === 0
      ? 'Nothing is being released right now'
      : now.length === 1
        ? 'One release is under way'
        : `${now.length} releases are under way`
  return documentOf(
    `${name}: releases`,
    `<header><p class="of">${escaped(name)}</p><h1>${headline}</h1></header>
${now.length === 0 ? '' : `<section aria-label="Now"><ul>${now.map(line).join('')}</ul></section>`}
<section aria-labelledby="recent"><h2 id="recent">The last two weeks</h2>
${recent.length === 0 ? '<p class="none">Nothing was released.</p>' : `<ul>${recent.map(line).join('')}</ul>`}</section>
<footer><p>As of ${moment(at)}. Reload for what is newer; times are in UTC.</p></footer>`,
  )
}

export function noStatusHtml(): string {
  return documentOf(
    'No status page here',
    '<header><h1>No status page here</h1></header><p class="none">There is none at this address, or it is switched off.</p>',
  )
}

function line({ service, version, environment, word, tone, startedAt, endedAt }: PublicRelease): string {
  const time = endedAt === null ? `since ${moment(startedAt)}` : moment(endedAt)
  return `<li class="${tone}"><span class="what"><b>${escaped(service)}</b> ${escaped(version)} <span class="where">${escaped(environment)}</span></span><span class="word">${escaped(word)}</span><span class="when">${time}</span></li>`
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
  font-variant-numeric: tabular-nums;
}
main { max-width: 52rem; margin: 0 auto; padding: clamp(2rem, 9vh, 6rem) 1.25rem 3rem; }
h1, h2, p, ul { margin: 0; padding: 0; }
h1 { font-size: 1.75rem; line-height: 1.25; font-weight: 650; letter-spacing: -0.011em; }
h2 { margin: 3rem 0 0.5rem; font-size: 0.8125rem; font-weight: 600; color: var(--ink-2); }
.of { margin-bottom: 0.25rem; color: var(--ink-2); font-weight: 600; }
header { margin-bottom: 1.5rem; }
ul { list-style: none; border-bottom: 1px solid var(--rule); }
li {
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
  li { grid-template-columns: 1fr auto; }
  .what { grid-column: 1 / -1; }
}
`
