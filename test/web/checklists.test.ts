/** Checklists in real Chromium over a real server: importing by pasting and dropping, deciding, registering, and what became of it. */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { troublesOn, widthTooMuch } from '../support/look-at-page.ts'
import { hasChromium, openWindows, startWebTeam, type WebTeam, type Windows } from '../support/web-team.ts'

const ATTACK = '<img src=x onerror="window.ran=1"><script>window.ran=1</script>'
const document = [
  '# Shop release',
  '',
  `Words before ${ATTACK}`,
  '',
  '## Before',
  '',
  '- [ ] The shop answers: `curl -fsS https://shop.example.com/healthz`',
  '- [ ] The pods are there: `kubectl rollout status deployment/shop`',
  '- [ ] Restart it: `kubectl rollout restart deployment/shop`',
  `- [ ] Support knows \`<script>window.ran=1</script>\` ${ATTACK}`,
  '- [x] Somebody looked at the graphs',
  '',
].join('\n')

const hostile = [
  '<script>window.ran=1</script>',
  '<img src=x onerror=window.ran=1>',
  '<svg onload=window.ran=1>',
  '<iframe srcdoc="<script>parent.window.ran=1</script>">',
  `[press](${['java', 'script:'].join('')}window.ran=1)`,
  '<form action=https://evil.example><button>Sign in</button></form>',
  '\u202eesrever\u202c \u200b \u001b[31m',
]

describe.skipIf(!hasChromium())('the pages of checklists', () => {
  let team: WebTeam
  let windows: Windows
  let ana: Page
  const address = () => team.server.address
  const item = (words: string) => ana.locator('.import-item', { hasText: words })
  const accept = (words: string) => item(words).getByRole('button', { name: /^Accept/ })

  beforeAll(async () => {
    team = await startWebTeam()
    await team.add('eve', [])
    windows = await openWindows()
    ana = await windows.signedIn(address(), 'ana', { viewport: { width: 1440, height: 900 } })
  })
  afterAll(async () => {
    await windows?.end()
    await team?.end()
  })

  test('a pasted document is a tree of its items, and nothing in it runs', async () => {
    await ana.goto(`${address()}/checklists/import`)
    await ana.getByLabel('Or paste its text').fill(document)
    await ana.getByRole('button', { name: 'Look at it' }).click()
    await ana.getByRole('heading', { name: 'Shop release' }).waitFor()
    await ana.getByText('5 items: 3 can run, 0 are numbers, 0 have an age, 2 need a person').waitFor()
    expect(await item('The shop answers').locator('.state').innerText()).toBe('only reads')
    expect(await item('Restart it').locator('.state').innerText()).toBe('changes something')
    expect(await item('Support knows').innerText()).toContain('<script>window.ran=1</script>')
    expect(await ana.evaluate('window.ran')).toBeUndefined()
    expect(await ana.locator('main script, main img').count()).toBe(0)
  })

  test('each proposal is accepted, edited or skipped, by pointer or by keys, and the numbers follow', async () => {
    await ana.getByText('0 of 3 proposals decided.').waitFor()
    await ana.keyboard.press('j')
    await ana.keyboard.press('a')
    await item('The shop answers').locator('.state', { hasText: 'accepted' }).waitFor()
    await ana.keyboard.press('e')
    const area = ana.getByRole('textbox', { name: 'Block for The pods are there' })
    await area.fill((await area.inputValue()).replace('within: 10m', 'within: 60s'))
    await item('The pods are there').getByRole('button', { name: 'Accept as edited' }).click()
    await item('The pods are there').locator('.state', { hasText: 'accepted, edited' }).waitFor()
    await item('Restart it').getByRole('button', { name: /^Skip/ }).click()
    await ana.getByText('3 of 3 proposals decided.').waitFor()
    expect(await ana.locator('.import-facts .rung').allInnerTexts()).toEqual([
      '2 by machine',
      '0 attested',
      '0 undecided',
      '3 by word',
    ])
    await item('Restart it')
      .getByRole('button', { name: /^Decide again/ })
      .click()
    await ana.getByText('2 of 3 proposals decided.').waitFor()
  })

  test('the copy shows what was added, and that the document comes back to the byte', async () => {
    await ana.getByLabel('Service').fill('shop')
    await ana.getByRole('button', { name: 'Make the copy' }).click()
    await ana.getByText('back to the byte').waitFor()
    const added = await ana.locator('.diff-line.is-added').allInnerTexts()
    expect(added.join('\n')).toContain('within: 60s')
    expect(added.join('\n')).not.toContain('restart: true')
    const same = await ana.locator('.diff-line.is-same').allInnerTexts()
    expect(same.every((line) => document.includes(line.replace(/^\s*\d*\s*/, '').trim()))).toBe(true)
    const [file] = await Promise.all([
      ana.waitForEvent('download'),
      ana.getByRole('button', { name: 'Download the copy' }).click(),
    ])
    expect(file.suggestedFilename()).toBe('RELEASE.holdpoint.md')
    expect(readFileSync(await file.path(), 'utf8')).toContain('service: shop')
    await accept('Restart it').waitFor({ state: 'hidden' })
  })

  test('what is decided after the copy was made is told, and another copy has it', async () => {
    await ana.getByRole('button', { name: 'Items' }).click()
    await accept('Restart it').click()
    await ana.getByRole('button', { name: 'Copy', exact: true }).click()
    await ana.getByText('make the copy again').waitFor()
    await ana.getByRole('button', { name: 'Make the copy' }).click()
    await ana.locator('.diff-line.is-added', { hasText: 'restart: true' }).waitFor()
  })

  test('it is registered from here by whoever may', async () => {
    await ana.getByLabel('Name there').fill('release')
    await ana.getByRole('button', { name: 'Register it' }).click()
    await ana.getByText('is registered').waitFor()
    const eve = await windows.signedIn(address(), 'eve')
    await eve.goto(`${address()}/checklists/import`)
    await eve.getByLabel('Or paste its text').fill(document)
    await eve.getByRole('button', { name: 'Look at it' }).click()
    await eve.getByRole('button', { name: 'Make the copy' }).click()
    await eve.getByText('takes the role author or release-engineer').waitFor()
    expect(await eve.getByRole('button', { name: 'Register it' }).count()).toBe(0)
    await eve.context().close()
  })

  test('the list says where each comes from and who does its steps; the page of one has its versions and releases', async () => {
    const file = join(team.server.folder, 'CHECKOUT.md')
    const holdpoint = (...args: string[]) => team.server.holdpoint(team.server.person('ana'), args)
    writeFileSync(file, registered('Look at the graphs'))
    expect((await holdpoint('checklist', 'register', 'shop/checkout', file)).code).toBe(0)
    const run = ['run', '--checklist', 'shop/checkout', '--version', '1.2.3', '--env', 'staging', '--json']
    expect((await holdpoint(...run)).out).toContain('"release"')
    writeFileSync(file, registered(`Look at the graphs again ${ATTACK}`))
    expect((await holdpoint('checklist', 'register', 'shop/checkout', file)).code).toBe(0)

    await ana.goto(`${address()}/checklists`)
    const row = ana.locator('.checklist-row', { hasText: 'shop/checkout' })
    await row.getByText('CHECKOUT.md, uploaded').waitFor()
    await row.getByText('version 2').waitFor()
    expect(await row.locator('.rung').allInnerTexts()).toEqual(['1 by machine', '1 attested', '1 by word'])
    await row.getByText('1.2.3, ').waitFor()
    await row.click()
    await ana.getByRole('heading', { name: 'shop/checkout' }).waitFor()
    await ana.getByRole('heading', { name: '2 versions' }).waitFor()
    expect(await ana.locator('.made li').innerText()).toMatch(/1\.2\.3 → staging.*version 1/s)
    expect(await ana.locator('.steps').innerText()).toContain('Look at the graphs again')
    expect(await ana.locator('.findings').innerText()).toContain('undo-missing')
    await ana.getByText('no older than 30 d').waitFor()
    expect(await ana.evaluate('window.ran')).toBeUndefined()
    const [saved] = await Promise.all([
      ana.waitForEvent('download'),
      ana.getByRole('button', { name: 'Download the document' }).click(),
    ])
    expect(readFileSync(await saved.path(), 'utf8')).toBe(registered(`Look at the graphs again ${ATTACK}`))
    expect(await ana.getByRole('link', { name: 'Start a release' }).getAttribute('href')).toBe(
      '/start?checklist=shop/checkout',
    )
  })

  test('axe finds nothing on the list and on the page of one', async () => {
    for (const colorScheme of ['light', 'dark'] as const)
      for (const width of [1440, 360]) {
        await ana.emulateMedia({ colorScheme })
        await ana.setViewportSize({ width, height: 800 })
        await ana.goto(`${address()}/checklists`)
        await ana.locator('.checklist-row .ladder').first().waitFor()
        expect(await troublesOn(ana)).toEqual([])
        expect(await widthTooMuch(ana)).toBe(0)
        await ana.goto(`${address()}/checklists/shop/checkout`)
        await ana.locator('.steps li').first().waitFor()
        expect(await troublesOn(ana)).toEqual([])
        expect(await widthTooMuch(ana)).toBe(0)
      }
    await ana.emulateMedia({ colorScheme: 'light' })
    await ana.setViewportSize({ width: 1440, height: 900 })
  })

  test('one is retired with a reason, and is still to be seen with it', async () => {
    await ana.goto(`${address()}/checklists/shop/checkout`)
    await ana.getByRole('button', { name: 'Retire' }).click()
    await ana.getByLabel('Reason').fill('the pipeline does it now')
    await ana.getByRole('button', { name: 'Retire it' }).click()
    await ana.getByText('the pipeline does it now').waitFor()
    expect(await ana.getByRole('link', { name: 'Start a release' }).count()).toBe(0)
    await ana.goto(`${address()}/checklists`)
    await ana.getByText('1 retired checklist').click()
    await ana.getByRole('link', { name: 'shop/checkout' }).waitFor()
    await ana.goto(`${address()}/checklists/shop/nothing`)
    await ana.getByRole('alert').getByText('There is no checklist').waitFor()
  })

  test('a document comes with its calendars, and is registered with them', async () => {
    const text =
      '---\nholdpoint: 1\nservice: shop\nwindows: { office: { zone: UTC, holidays: [free.ics] } }\n---\n# Shop\n\n- [ ] Up\n'
    const event = ['BEGIN:VEVENT', 'UID:1', 'DTSTART;VALUE=DATE:20261225', 'END:VEVENT']
    const calendar = ['BEGIN:VCALENDAR', ...event, 'END:VCALENDAR', ''].join('\r\n')
    await ana.goto(`${address()}/checklists/import`)
    await ana.locator('input[type=file]').setInputFiles([
      { name: 'timed.md', mimeType: 'text/markdown', buffer: Buffer.from(text) },
      { name: 'free.ics', mimeType: 'text/calendar', buffer: Buffer.from(calendar) },
    ])
    await ana.getByRole('button', { name: 'Make the copy' }).click()
    await ana.getByText('A checklist of').waitFor()
    await ana.getByLabel('Name there').fill('timed')
    await ana.getByRole('button', { name: 'Register it' }).click()
    await ana.getByText('is registered').waitFor()
  })

  test('a dropped file with damaged text is mended when asked, and decisions of an earlier copy are taken over', async () => {
    const damaged = '# Release âœ…\n\n- [ ] Gut fÃ¼r alle\n- [ ] Up: `curl -fsS https://shop.example.com/up`\n'
    await ana.goto(`${address()}/checklists/import`)
    await ana.getByLabel('Or paste its text').waitFor()
    await ana.evaluate(dropping(damaged))
    await ana.getByText('places are damaged').waitFor()
    await accept('Up').click()
    await ana.getByRole('button', { name: 'Mend the text' }).click()
    await item('Gut für alle').waitFor()
    await item('Up').locator('.state', { hasText: 'accepted' }).waitFor()
    await ana.getByRole('button', { name: 'Make the copy' }).click()
    await ana.getByText('the text is back').waitFor()
    const [file] = await Promise.all([
      ana.waitForEvent('download'),
      ana.getByRole('button', { name: 'Download the copy' }).click(),
    ])
    const copy = readFileSync(await file.path(), 'utf8')
    await ana.goto(`${address()}/checklists/import`)
    await ana
      .getByLabel('Or paste its text')
      .fill('# Release ✅\n\n- [ ] Gut für alle\n- [ ] Up: `curl -fsS https://shop.example.com/up`\n')
    await ana.getByRole('button', { name: 'Look at it' }).click()
    await ana.getByText('You have imported it before?').click()
    const earlier = { name: 'RELEASE.holdpoint.md', mimeType: 'text/markdown', buffer: Buffer.from(copy) }
    await ana.getByLabel('The copy from then').setInputFiles(earlier)
    await ana.getByText('1 block accepted and 0 items skipped then.').waitFor()
    await item('Up').locator('.state', { hasText: 'accepted' }).waitFor()
  })

  test('a document that cannot be looked at is refused in words, and so is one that cannot become a checklist', async () => {
    await ana.goto(`${address()}/checklists/import`)
    const large = { name: 'large.md', mimeType: 'text/markdown', buffer: Buffer.alloc(500_000, 'a') }
    await ana.locator('input[type=file]').setInputFiles(large)
    await ana.getByRole('alert').getByText('one checklist in each file').waitFor()
    await ana.getByLabel('Or paste its text').fill('---\n- a list\n---\n# X\n\n- [ ] Step\n')
    await ana.getByRole('button', { name: 'Look at it' }).click()
    await ana.getByRole('button', { name: 'Make the copy' }).click()
    await ana.getByRole('heading', { name: 'There is no copy yet' }).waitFor()
    await ana.getByText('front matter that is no mapping').waitFor()
  })

  test('findings stand with what is expected, their place, and the words of the documentation', async () => {
    await ana.goto(`${address()}/checklists/import`)
    await ana
      .getByLabel('Or paste its text')
      .fill(`# R\n\n- [ ] Watch it: \`kubectl logs -f deployment/shop\`\n- [ ] Deploy vX.Y.Z\n`)
    await ana.getByRole('button', { name: 'Look at it' }).click()
    await ana.getByRole('button', { name: /^Findings/ }).click()
    await ana
      .getByRole('button', { name: /^What this means/ })
      .first()
      .click()
    await ana.getByRole('dialog').getByText('Right', { exact: true }).first().waitFor()
    expect(await troublesOn(ana)).toEqual([])
    await ana.keyboard.press('Escape')
    await ana.locator('.findings button.line').first().click()
    await ana.locator('.import-item.is-shown').waitFor()
  })

  test('what a machine can mend without asking is mended when asked', async () => {
    const text = '---\nholdpoint: 1\n---\n# R\n\n- [ ] Up\n  ```sh check\n  curl http://shop.example/up\n  ```\n'
    await ana.goto(`${address()}/checklists/import`)
    await ana.getByLabel('Or paste its text').fill(text)
    await ana.getByRole('button', { name: 'Look at it' }).click()
    await ana.getByRole('button', { name: /^Findings/ }).click()
    await ana.locator('.findings code', { hasText: 'curl-without-fail' }).waitFor()
    await ana.getByRole('button', { name: 'Mend it' }).click()
    await ana.locator('.findings code', { hasText: 'curl-without-fail' }).waitFor({ state: 'detached' })
    await ana.getByText('1 place mended here, your file is as it was').waitFor()
    const [file] = await Promise.all([
      ana.waitForEvent('download'),
      ana.getByRole('button', { name: 'Download it mended' }).click(),
    ])
    expect(readFileSync(await file.path(), 'utf8')).toBe(text.replace('curl ', 'curl --fail '))
    await ana.getByRole('button', { name: 'Make the copy' }).click()
    await ana.getByText('1 by machine').first().waitFor()
  })

  test('a document made to hurt is only words: in its items, its blocks, its findings and its copy', async () => {
    const asked: string[] = []
    ana.on('request', (request) => asked.push(request.url()))
    const payloads = hostile.map(
      (words, at) => `- [ ] Step ${at} \`${words}\`: \`curl -fsS 'http://x${at}.example/?q=${words}'\``,
    )
    await ana.goto(`${address()}/checklists/import`)
    await ana
      .getByLabel('Or paste its text')
      .fill(`# T ${hostile.join(' ')}\n\n## ${hostile.join(' ')}\n\n${payloads.join('\n')}\n`)
    await ana.getByRole('button', { name: 'Look at it' }).click()
    await item('Step 0').waitFor()
    await ana
      .getByRole('button', { name: /^Accept all that only read/ })
      .click()
      .catch(() => {})
    await ana.getByRole('button', { name: /^Findings/ }).click()
    await ana.getByRole('button', { name: 'Make the copy' }).click()
    await ana.locator('.copy').waitFor()
    expect(await ana.locator('.difference').innerText()).toContain('<script>window.ran=1</script>')
    expect(await ana.evaluate('window.ran')).toBeUndefined()
    expect(
      await ana.locator('main script, main img, main iframe, main form[action], main [onerror], main [onload]').count(),
    ).toBe(0)
    const links = await ana
      .locator('main a')
      .evaluateAll((all) => all.map((link) => (link as unknown as { protocol: string }).protocol))
    expect([...new Set(links)]).toEqual(['http:'])
    expect(asked.filter((url) => !url.startsWith(address()))).toEqual([])
  })

  test('three hundred items stay smooth: one decision draws one item', async () => {
    const steps = Array.from({ length: 300 }, (_, at) => `- [ ] Up ${at}: \`curl -fsS https://s${at}.example.com/up\``)
    await ana.goto(`${address()}/checklists/import`)
    await ana.getByLabel('Or paste its text').fill(`# Many\n\n${steps.join('\n')}\n`)
    await ana.getByRole('button', { name: 'Look at it' }).click()
    await item('Up 299:').waitFor()
    await ana.evaluate(WATCH)
    await accept('Up 7:').click()
    await item('Up 7:').locator('.state', { hasText: 'accepted' }).waitFor()
    expect(await ana.evaluate('window.touched.size')).toBe(1)
    await ana.getByRole('button', { name: /^Accept all that only read/ }).click()
    await ana.getByText('300 of 300 proposals decided.').waitFor()
  })

  test.each(['light', 'dark'] as const)('axe finds nothing while importing, in the %s theme', async (colorScheme) => {
    await ana.emulateMedia({ colorScheme })
    for (const width of [1440, 360]) {
      await ana.setViewportSize({ width, height: 800 })
      await ana.goto(`${address()}/checklists/import`)
      await ana.getByLabel('Or paste its text').waitFor()
      expect(await troublesOn(ana)).toEqual([])
      await ana.getByLabel('Or paste its text').fill(document)
      await ana.getByRole('button', { name: 'Look at it' }).click()
      await accept('The shop answers').click()
      expect(await troublesOn(ana)).toEqual([])
      expect(await widthTooMuch(ana)).toBe(0)
      await ana.getByRole('button', { name: 'Make the copy' }).click()
      await ana.locator('.copy').waitFor()
      expect(await troublesOn(ana)).toEqual([])
      expect(await widthTooMuch(ana)).toBe(0)
    }
  })
})

function registered(step: string): string {
  return [
    '---',
    'holdpoint: 1',
    'service: checkout',
    'environments: { staging: {} }',
    '---',
    '# Checkout',
    '',
    '## Before',
    '',
    '- [ ] A restore was tested',
    '  ```yaml record',
    '  name: restore-test',
    '  max-age: 30d',
    '  ```',
    `- [ ] ${step}`,
    '',
    '## Ship',
    '',
    '- [ ] It is shipped',
    '  ```sh run',
    '  true',
    '  ```',
    '',
  ].join('\n')
}

/** A file let go over the page; Latin-1 letters stand for the bytes that a wrong program wrote as UTF-8. */
function dropping(text: string): string {
  return `(() => {
    const data = new DataTransfer()
    data.items.add(new File([${JSON.stringify(text)}], 'damaged.md', { type: 'text/markdown' }))
    document.dispatchEvent(new DragEvent('drop', { dataTransfer: data, bubbles: true, cancelable: true }))
  })()`
}

/** Notes in which items anything is drawn. */
const WATCH = `
  window.touched = new Set()
  new MutationObserver((changes) => {
    for (const { target } of changes) {
      const row = (target.nodeType === 1 ? target : target.parentElement)?.closest('.import-item')
      if (row) window.touched.add(row.dataset.at)
    }
  }).observe(document.querySelector('.import-tree'), { subtree: true, childList: true, attributes: true, characterData: true })
`
