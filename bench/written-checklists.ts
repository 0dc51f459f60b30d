/** Checklists for benches, built of our own words in the proportions in which teams write them: no two are the same. */

/** Numbers between 0 and 1 that only depend on the seed. */
export type Draw = () => number

export function drawFrom(seed: number): Draw {
  let state = (seed * 2654435761 + 1) >>> 0
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return state / 2 ** 32
  }
}

const things = [
  'release notes, change log, version number, order page, checkout, search index, mail queue, staging database',
  'feature flags, dashboards, error tracker, load balancer, certificate, container image, API gateway, login page',
  'backup, invoice job, mobile app, admin pages, translations, price list, job queue, cache, billing service',
  'release branch, deployment window, image gallery, audit log, report builder, partner feed, status page',
]
  .join(', ')
  .split(', ')
const verbs = [
  'Update, Check, Verify, Create, Run, Review, Make sure nobody changes, Announce, Confirm, Tag, Publish, Merge',
  'Deploy, Test, Set up, Build, Open, Close, Compare, Clean up, Copy, Restart, Look at, Ask support about, Write down',
]
  .join(', ')
  .split(', ')
const places = [
  'on staging',
  'in production',
  'for all regions',
  'on the test machine',
  'in the second cluster',
  '',
  '',
]
const states = [
  'is updated',
  'passes',
  'works',
  'shows no errors',
  'has been reviewed',
  'is green',
  'answers',
  'is empty',
]
const people = ['the release manager', 'QA', 'the support team', 'the person on call', 'two engineers', 'the data team']
const conditions = ['(if applicable)', 'for major releases only', '(optional)', 'when needed', 'if the schema changed']
const limits = ['below 1%', '< 300 ms', '> 99.5%', 'at least 2', 'within 24 hours', 'under 70 %', 'less than 5 minutes']
const numbers = ['error rate', 'p95 latency', 'CPU use', 'number of open tickets', 'share of failed logins', 'memory']
const names = [
  'VERSION',
  'CHANGELOG.md',
  'main',
  'release/2.4',
  'config/app_settings.toml',
  'shop-api',
  'MAX_POOL_SIZE',
  '/health',
]
const commands = [
  'npm test',
  'git push origin main --tags',
  'make lint',
  'kubectl get pods -n shop',
  './scripts/smoke.sh',
]
const pages = ['runbook', 'dashboard', 'ticket', 'style guide', 'team page', 'release calendar']
const phases = ['Before the release', 'Preparation', 'Release day', 'Deployment', 'Verification', 'After the release']
const remarks = [
  'It takes longer on Mondays: the import of the weekend (`weekly_import`) is still running, and `import_state` says *busy*.',
  'Talk to whoever wrote the migration before you go on, see [who to ask](https://wiki.example/display/REL/migrations_and_owners#ask).',
  '**Note:** the numbers of last time are in the table below; "unchanged" means within 2 % of `last_release`.',
  'Nothing here needs `old_tool` any more; its page is kept for 1.x & older.<br>',
  "If you are not sure, wait: nobody has ever complained about a release that came a day later – or that didn't come.",
  '<!-- keep this list in step with the runbook -->',
  'Set `RELEASE_BRANCH` and `NEXT_VERSION` in your shell, **not** in `.env`, or `make release` takes the ones of last time.',
  'Grüße an alle, die das schon einmal gemacht haben; bei Fragen „einfach melden“.',
  'The picture shows how it should look: ![dashboard](https://wiki.example/download/attachments/4711/dashboard_ok.png)',
]

/** A checklist of about `length` characters. `isDeclared`: with our front matter, with a box at every item and a block in one of ten. */
export function writtenChecklist(draw: Draw, length: number, isDeclared: boolean): string {
  const writer = new Writer(draw, isDeclared)
  writer.head()
  while (writer.length < length) writer.section()
  if (isDeclared) writer.goingBack()
  return writer.text()
}

class Writer {
  #lines: string[] = []
  #length = 0
  #sections = 0
  readonly #draw: Draw
  readonly #isDeclared: boolean
  readonly #hasBoxes: boolean

  constructor(draw: Draw, isDeclared: boolean) {
    this.#draw = draw
    this.#isDeclared = isDeclared
    this.#hasBoxes = isDeclared || draw() < 0.58
  }

  get length(): number {
    return this.#length
  }

  text(): string {
    return `${this.#lines.join('\n')}\n`
  }

  head(): void {
    if (this.#isDeclared)
      this.#add(
        '---\nholdpoint: 1\nservice: shop\nenvironments: { production: {}, staging: {} }\ninputs:\n  ticket: { description: the ticket of this release }\nroles:\n  engineer: [ana, ben, cleo]\n  support: [dora]\n---',
      )
    this.#add(`# Release of the ${this.#one(things)}\n\n${this.#prose()}\n`)
  }

  /** A heading with a few paragraphs, a list, now and then a block to read or a table. */
  section(): void {
    this.#sections += 1
    const isTop = this.#sections % 3 === 1
    this.#add(`${isTop ? '##' : '###'} ${isTop ? this.#one(phases) : this.#step()} ${this.#sections}\n`)
    if (this.#draw() < 0.45) this.#add(`${this.#prose()}\n`)
    if (this.#draw() < 0.4) this.#add(this.#shownCode(''))
    const isNumbered = this.#draw() < 0.25
    const items = 1 + Math.floor(this.#draw() * 6)
    for (let at = 1; at <= items; at++) this.#item(isNumbered ? `${at}.` : '-', '')
    this.#add('')
    if (this.#draw() < 0.06) this.#table()
  }

  goingBack(): void {
    this.#add('## Going back\n\n```yaml phase\nkind: rollback\n```\n')
    for (const at of [1, 2, 3])
      this.#add(`${at}. [ ] ${this.#step()}\n   \`\`\`sh run idempotent\n   scripts/back.sh ${at}\n   \`\`\``)
  }

  #item(marker: string, indent: string): void {
    const isTask = this.#isDeclared || (this.#hasBoxes && this.#draw() < 0.7)
    this.#add(`${indent}${marker} ${isTask ? '[ ] ' : ''}${this.#step()}`)
    const inner = `${indent}${' '.repeat(marker.length + 1)}`
    const kind = this.#draw()
    if (kind < 0.1) this.#add(this.#isDeclared ? this.#block(inner) : this.#shownCode(inner))
    else if (indent === '' && kind < 0.2) {
      for (let at = 0; at < 1 + this.#draw() * 4; at++) this.#item('-', inner)
    } else if (kind < 0.3) this.#add(`${inner}${this.#one(remarks)}`)
  }

  /** As long as steps are: half of them below 45 characters, few above 170. */
  #step(): string {
    const words = this.#sentence()
    const more = this.#draw()
    if (more < 0.1) return `${words} with \`${this.#one(names)}\``
    if (more < 0.2) return `${words}, in \`${this.#one(names)}\` and \`${this.#one(names)}\``
    if (more < 0.28) return `${words}: \`${this.#one(commands)}\``
    if (more < 0.41)
      return `${words}, see the [${this.#one(pages)}](https://wiki.example/display/REL/${this.#number()}-release_notes)`
    if (more < 0.44) return `${words} ${this.#one(conditions)}`
    if (more < 0.53) return `**${this.#one(things)}**: ${words}`
    if (more < 0.57)
      return `${words} and tell ${this.#one(people)} about it, so that they know before customers ask them`
    return words
  }

  #sentence(): string {
    const form = this.#draw()
    const place = this.#one(places)
    const tail = place === '' ? '' : ` ${place}`
    if (form < 0.45) return `${this.#one(verbs)} the ${this.#one(things)} and the ${this.#one(things)}${tail}`
    if (form < 0.65) return `The ${this.#one(things)} ${this.#one(states)}${tail}`
    if (form < 0.69) return `The ${this.#one(numbers)} stays ${this.#one(limits)}${tail}`
    if (form < 0.72) return `Approved by ${this.#one(people)}`
    return `${this.#one(things)} of the ${this.#one(things)}, number ${this.#number()}`
  }

  /** Half are commands, half are YAML. */
  #block(indent: string): string {
    const blocks = [
      `\`\`\`sh check timeout=${this.#number()}s\nscripts/check.sh ${this.#number()}\n\`\`\``,
      `\`\`\`sh check\ntest -f state/${this.#number()}\ngrep -q ready state/${this.#number()}\n\`\`\``,
      `\`\`\`sh run idempotent\nscripts/step.sh ${this.#number()}\n\`\`\``,
      `\`\`\`http check\n# @expect status == 200\nGET https://shop.example/health/${this.#number()}\n\`\`\``,
      `\`\`\`yaml answer\nowner: dora\nevidence: optional\n\`\`\``,
      `\`\`\`yaml approve\ncount: 2\nrole: engineer\n\`\`\``,
      `\`\`\`yaml fields\nerror_${this.#number()}: { label: Error rate, type: percent, limit: "< 1%" }\n\`\`\``,
      `\`\`\`yaml check\nkind: file\npath: notes/${this.#number()}.md\ncontains: "{{ version }}"\n\`\`\``,
    ]
    return this.#indented(this.#one(blocks), indent)
  }

  #shownCode(indent: string): string {
    const first = this.#one(commands)
    return this.#indented(
      `\`\`\`bash\n# what it looked like last time\nexport RELEASE=2.4.${this.#number()}\n${first}\ncd build && ls -l\n./scripts/compare.sh --all "$RELEASE"\n\`\`\``,
      indent,
    )
  }

  #table(): void {
    this.#add('| Item | Owner | Status |\n|---|---|---|')
    for (let at = 0; at < 2 + this.#draw() * 6; at++)
      this.#add(`| ${this.#one(things)} | ${this.#one(people)} | ${this.#draw() < 0.5 ? 'open' : ''} |`)
    this.#add('')
  }

  #prose(): string {
    const sentences = 1 + Math.floor(this.#draw() * 4)
    return Array.from({ length: sentences }, () => this.#one(remarks)).join(this.#draw() < 0.5 ? ' ' : '\n')
  }

  #indented(block: string, indent: string): string {
    return block
      .split('\n')
      .map((line) => `${indent}${line}`)
      .join('\n')
  }

  #add(text: string): void {
    this.#lines.push(text)
    this.#length += text.length + 1
  }

  #one(all: readonly string[]): string {
    return all[Math.floor(this.#draw() * all.length)] ?? ''
  }

  #number(): number {
    return 1 + Math.floor(this.#draw() * 9999)
  }
}
