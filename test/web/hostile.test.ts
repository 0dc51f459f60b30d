/** A corpus of hostile Markdown on the page of a release, in real Chromium: nothing of it runs, loads or leads astray. */
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { hasChromium, openWindows, startWebTeam, type WebTeam, type Windows } from '../support/web-team.ts'

const RUN = 'window.ran=1'
const scheme = ['java', 'script:'].join('')

/** Each is meant to run something, to load something, or to look like a part of the page. */
const payloads: readonly string[] = [
  `<script>${RUN}</script>`,
  `<ScRiPt>${RUN}</sCrIpT>`,
  `<img src=x onerror=${RUN}>`,
  `<img src="https://evil.example/pixel.png">`,
  `<svg onload=${RUN}><animate onbegin=${RUN} attributeName=x></svg>`,
  `<body onload=${RUN}>`,
  `<iframe srcdoc="<script>parent.${RUN}</script>"></iframe>`,
  `<iframe src="${scheme}parent.${RUN}"></iframe>`,
  `<object data="${scheme}${RUN}"></object><embed src="${scheme}${RUN}">`,
  `<form action="https://evil.example"><input name=password><button>Sign in</button></form>`,
  `<a href="${scheme}${RUN}">press</a>`,
  `<details open ontoggle=${RUN}>x</details>`,
  `<video><source onerror=${RUN}></video>`,
  `<math><mi xlink:href="${scheme}${RUN}">x</mi></math>`,
  `<style>@import 'https://evil.example/a.css'; * { display: none }</style>`,
  `<link rel=stylesheet href=https://evil.example/a.css>`,
  `<meta http-equiv=refresh content="0;url=https://evil.example">`,
  `<base href="https://evil.example/">`,
  `[press](${scheme}${RUN})`,
  `[press](JaVaScRiPt:${RUN})`,
  `[press](\u0001${scheme}${RUN})`,
  `[press](java&#115;cript:${RUN})`,
  `[press](data:text/html,<script>${RUN}</script>)`,
  `[press](vbscript:${RUN})`,
  `[press](//evil.example/x)`,
  `[press](https://evil.example/ "onmouseover=${RUN}")`,
  `![x](${scheme}${RUN})`,
  `![x](https://evil.example/pixel.png)`,
  `![x](data:image/svg+xml,<svg onload=${RUN}>)`,
  `<${scheme}${RUN}>`,
  `[x]: ${scheme}${RUN}`,
  `\`\`\`<img src=x onerror=${RUN}>\`\`\``,
  `&lt;script&gt;${RUN}&lt;/script&gt;`,
  `<!--><script>${RUN}</script>-->`,
  `<![CDATA[<script>${RUN}</script>]]>`,
  `{{constructor.constructor("${RUN}")()}}`,
  `${'*'.repeat(500)}x${'*'.repeat(500)}`,
  `${'['.repeat(300)}x${']'.repeat(300)}`,
  `\u202egnp.exe\u202c \u2066hidden\u2069`,
]

const checklist = [
  '---',
  'holdpoint: 1',
  'service: checkout',
  'environments: { staging: {} }',
  '---',
  `# Release ${payloads[0]}`,
  '',
  ...payloads.flatMap((payload, at) => [`Paragraph ${at}: ${payload}`, '']),
  '## Steps',
  '',
  ...payloads.map((payload, at) => `- [ ] Step ${at} ${payload.replaceAll('\n', ' ')}`),
  '',
  '| a | b |',
  '|---|---|',
  ...payloads.map((payload, at) => `| ${at} | ${payload.replaceAll('|', '')} |`),
  '',
].join('\n')

/** Runs in the page, where this program's types do not reach. */
const inThePage = `(() => {
  const live = 'script:not([src]), iframe, object, embed, form[action], base, meta[http-equiv=refresh], main svg [onload], main img[src^=http]'
  const handlers = [...document.querySelectorAll('main *')].flatMap((element) =>
    [...element.attributes].filter(({ name }) => name.startsWith('on')).map(({ name }) => element.tagName + ' ' + name),
  )
  const links = [...document.querySelectorAll('main a[href]')].map((link) => link.protocol)
  return { live: document.querySelectorAll(live).length, handlers, links: [...new Set(links)] }
})()`

describe.skipIf(!hasChromium())('a checklist made to hurt', () => {
  let team: WebTeam
  let windows: Windows
  let page: Page
  const asked: string[] = []
  const dialogs: string[] = []

  beforeAll(async () => {
    team = await startWebTeam()
    windows = await openWindows()
    const release = await team.start(checklist)
    page = await windows.signedIn(team.server.address, 'ana', { viewport: { width: 1280, height: 900 } })
    page.on('request', (request) => asked.push(request.url()))
    page.on('dialog', (dialog) => {
      dialogs.push(dialog.message())
      void dialog.dismiss()
    })
    await page.goto(`${team.server.address}/releases/${release}`)
    await page.locator('[data-step]').first().waitFor()
  })
  afterAll(async () => {
    await windows?.end()
    await team?.end()
  })

  test('runs nothing, asks nobody else for anything, and opens no window', async () => {
    await page.waitForTimeout(500)
    expect(await page.evaluate(() => (globalThis as { ran?: number }).ran)).toBeUndefined()
    expect(dialogs).toEqual([])
    expect(asked.filter((url) => !url.startsWith(team.server.address))).toEqual([])
    expect(page.url().startsWith(team.server.address)).toBe(true)
  })

  test('leaves no element that could run, load, submit or restyle, and no address that is more than a page', async () => {
    const found = await page.evaluate<{ live: number; handlers: string[]; links: string[] }>(inThePage)
    expect(found.live).toBe(0)
    expect(found.handlers).toEqual([])
    expect(found.links.filter((protocol) => !['http:', 'https:', 'mailto:'].includes(protocol))).toEqual([])
  })

  test('is all there to read: every step stands with its words', async () => {
    expect(await page.locator('[data-step]').count()).toBe(payloads.length)
    expect(await page.locator('main').textContent()).toContain(`Step ${payloads.length - 1}`)
  })
})
