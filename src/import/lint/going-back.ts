/** Rules on the way forward and back: tags, stages without a shift, rollbacks that restore something else, or nothing. */
import { shown, type TextRule } from './text-rule.ts'
import type { TextCommand, TextDocument } from './text-document.ts'

const backWords = /roll(?:ed|ing)?[ -]?back|\brevert|back ?out|\brestor/i

/** Do its headings, its item or the comment above say so? */
export function isGoingBack({ path, item, comment }: TextCommand): boolean {
  return [...path, item?.text ?? '', comment].some((text) => backWords.test(text))
}

const tagCreatedTwice: TextRule = ({ commands }, report) => {
  const first = new Map<string, { readonly line: number; readonly isAnnotated: boolean }>()
  for (const { text, line, column } of commands) {
    const tag = tagIn(text)
    if (!tag) continue
    const before = first.get(tag.name)
    if (!before) {
      first.set(tag.name, { line, isAnnotated: tag.isAnnotated })
      continue
    }
    const kinds = before.isAnnotated === tag.isAnnotated ? '' : ', once annotated and once not'
    report(
      'tag-created-twice',
      { line, column },
      {
        found: `the tag ${tag.name} created again${kinds}: line ${before.line} has created it, so this command fails`,
        expected: 'one command that makes the tag',
        example: 'git tag -a "v$HOLDPOINT_VERSION" -m "Release v$HOLDPOINT_VERSION"',
      },
    )
  }
}

function tagIn(text: string): { readonly name: string; readonly isAnnotated: boolean } | null {
  const rest = /\bgit\s+tag\s+([^|;&]*)/.exec(text)?.[1]
  if (
    rest === undefined ||
    /(?:^|\s)(?:-[dlvf]\b|--(?:delete|list|verify|force|sort|contains|points-at|merged))/.test(rest)
  )
    return null
  const isAnnotated = /(?:^|\s)(?:-\w*[asm]|--(?:annotate|sign|message))/.test(rest)
  const words = rest
    .replace(/(?:-\w*m|--message)[= ]\s*(?:"[^"]*"|'[^']*'|\S+)/g, ' ')
    .split(/\s+/)
    .filter((word) => word !== '' && !word.startsWith('-'))
  const name = (words[0] ?? '').replaceAll(/["']/g, '')
  return name === '' ? null : { name, isAnnotated }
}

/** What was built and served is then not what the tag names. */
const taggedAfterRelease: TextRule = ({ commands }, report) => {
  for (const { text, line, column, path } of commands) {
    if (
      !tagIn(text) ||
      !path.some((title) => /\bpost[- ]?(?:release|deploy)|\bafter (?:the )?(?:release|deploy)/i.test(title))
    )
      continue
    report(
      'tagged-after-release',
      { line, column },
      {
        found: `"${shown(text)}" under "${path.at(-1)}": the tag is made when the release is already out`,
        expected: 'the tag before the build, so that what is served can be built again from it',
        example: '## Before the release\n- [ ] Tag: `git tag -a "v$HOLDPOINT_VERSION" -m Release`',
      },
    )
  }
}

const shifts =
  /--(?:traffic|weight|percent\w*|canary-weight)\b|\bset-weight\b|\bupdate-distribution\b|\bupdate-traffic\b|\bmodify-(?:listener|rule)\b|\bupdate-alias\b.*--routing|\brollouts?\s+(?:promote|set)\b/
const stageTitle =
  /(?:\b(?:stage|phase|step|canary)\b.*?\b(\d{1,3})\s*%|\b(\d{1,3})\s*%.*\b(?:stage|canary|traffic)\b)/i

/** A component that gets traffic in one stage is expected in all of them; at 100 % a plain deploy is enough. */
const stageWithoutShift: TextRule = ({ headings, commandsUnder }, report) => {
  const stages = headings.flatMap((heading) => {
    const match = stageTitle.exec(heading.title)
    const percent = Number(match?.[1] ?? match?.[2] ?? NaN)
    if (!(percent > 0 && percent <= 100)) return []
    const own = commandsUnder(heading)
    return [{ heading, percent, own, components: componentsOf(own) }]
  })
  const moved = new Set(
    stages.flatMap(({ components }) => [...components].flatMap(([name, moves]) => (moves ? [name] : []))),
  )
  for (const { heading, percent, own, components } of stages.filter((stage) => stage.own.length > 0)) {
    for (const name of moved) {
      const moves = components.get(name)
      if (moves === true || (percent === 100 && moves === false)) continue
      const place = own.find((command) => componentOf(command.comment) === name) ?? heading
      report('stage-without-shift', place.line, {
        found: `"${shown(heading.title, 50)}" never shifts traffic of "${name}", which other stages do`,
        expected: 'a shift for each component in each stage, or one rollout that moves them together',
        example: 'components:\n  api: { traffic: haproxy, … }\n  web: { traffic: nginx, … }',
      })
    }
  }
}

/** A comment such as "# Backend" or "# Deploy web" holds until the next one. */
function componentsOf(commands: readonly TextCommand[]): ReadonlyMap<string, boolean> {
  const found = new Map<string, boolean>()
  let current: string | null = null
  for (const { comment, text } of commands) {
    current = componentOf(comment) ?? (comment === '' ? current : null)
    if (current !== null) found.set(current, found.get(current) === true || shifts.test(text))
  }
  return found
}

function componentOf(comment: string): string | null {
  const words =
    /^(?:(?:deploy|update|shift|increase|promote|the)\s+)*(front-?end|back-?end|api|web|worker|server|client|gateway|app|ui|cdn)\b/i
  return words.exec(comment.trim())?.[1]?.toLowerCase().replace('-', '') ?? null
}

const versionByPosition: TextRule = ({ commands }, report) => {
  for (const command of commands) {
    const { text, line, column } = command
    const byPlace =
      /Versions?\[-\d+\]|\btags?\b.*\|\s*tail\s+-n?\s*2\s*\|\s*head|\bsort\b.*\|\s*(?:tail|sed|awk)\b.*(?:\s-n?\s*2\b|NR==2)/.test(
        text,
      )
    const byCount = /\bhelm\s+rollback\s+[\w-]+\s*(?:$|-)|\bdescribe\b.*HEAD\^/.test(text)
    if (!byPlace && !(byCount && isGoingBack(command))) continue
    report(
      'version-by-position',
      { line, column },
      {
        found: `"${shown(text)}": "the one before" is another version after a failed publish or a second rollback`,
        expected: 'the version that was stable when the release began, by its name',
        example: 'helm rollback shop "$HOLDPOINT_PREVIOUS_REVISION"',
      },
    )
  }
}

const named: readonly (readonly [what: string, pattern: RegExp])[] = [
  ['alias', /--alias[= ]["']?([\w.-]+)|\bupdate-alias\b.*\s--name[= ]["']?([\w.-]+)/],
  ['deployment', /\b(?:deploy|deployments?)\/([\w.-]+)/],
]

/** A name that only the way back knows is mostly a slip: it takes something else back, or nothing. */
const rollbackOtherTarget: TextRule = ({ commands }, report) => {
  for (const [what, pattern] of named) {
    const nameIn = ({ text }: TextCommand): string | undefined => {
      const match = pattern.exec(text)
      return match?.[1] ?? match?.[2]
    }
    const forward = new Set(
      commands.filter((command) => !isGoingBack(command)).flatMap((command) => nameIn(command) ?? []),
    )
    if (forward.size === 0) continue
    for (const command of commands.filter(isGoingBack)) {
      const name = nameIn(command)
      if (name === undefined || forward.has(name)) continue
      report('rollback-other-target', command, {
        found: `the ${what} "${name}" on the way back, where the way forward has ${[...forward]
          .slice(0, 4)
          .map((each) => `"${each}"`)
          .join(', ')}`,
        expected: 'the same names forward and back',
        example: `--alias ${[...forward][0]}`,
      })
    }
  }
}

const restoresNothingSaved: TextRule = ({ commands }, report) => {
  const written = new Set(commands.flatMap(({ text }) => copyIn(text)?.to ?? []))
  for (const command of commands.filter(isGoingBack)) {
    const copy = copyIn(command.text)
    if (copy && !written.has(copy.from)) {
      report('restores-nothing-saved', command, {
        found: `"${shown(command.text)}": nothing in this document has put anything into ${copy.from}`,
        expected: 'a step before the release that saves what stands there now',
        example: `aws s3 sync s3://${copy.to}/ s3://${copy.from}/ --delete`,
      })
    }
    if (!/\baws\s+s3\s+sync\b|\brsync\s/.test(command.text) || /\s--del(?:ete)?\b/.test(command.text)) continue
    report('sync-keeps-files', command, {
      found: `"${shown(command.text)}": files that only the new version has stay where they are`,
      expected: 'a sync that deletes what is not in the source',
      example: 'aws s3 sync s3://shop-backup/ s3://shop-web/ --delete',
    })
  }
}

/** Names of the buckets of a copy from one to another. */
function copyIn(text: string): { readonly from: string; readonly to: string } | null {
  if (!/\b(?:aws\s+s3\s+(?:sync|cp|mv)|gsutil\b)/.test(text)) return null
  const [from, to] = [...text.matchAll(/(?:^|\s)(?:(?:s3|gs):\/\/)?([\w.${}-]+)\/?\S*/g)].flatMap((match) =>
    /(?:s3|gs):\/\//.test(match[0]) ? [match[1] ?? ''] : [],
  )
  if (from === undefined) return null
  return to === undefined ? (isTarget(text) ? { from: '', to: from } : null) : { from, to }
}

/** A copy with one bucket only writes to it when the bucket stands last. */
function isTarget(text: string): boolean {
  return /(?:s3|gs):\/\/\S+\s*(?:--.*)?$/.test(text) && !/(?:sync|cp|mv)\s+(?:s3|gs):\/\//.test(text)
}

/** There is a plan for going back, and no word that anybody has ever tried it. */
const rehearsalMissing: TextRule = (document, report) => {
  const heading = document.headings.find(
    (each) => /roll[ -]?back|back ?out/i.test(each.title) && document.commandsUnder(each).length > 0,
  )
  if (!heading || document.isDeclared || isRehearsed(document)) return
  report('rehearsal-missing', heading.line, {
    found: `"${shown(heading.title)}", which nothing in this document has ever tried`,
    expected: 'a step that rehearses the way back where nobody is hurt',
    example: '- [ ] Rollback rehearsed on staging with this version',
  })
}

function isRehearsed({ lines }: TextDocument): boolean {
  return lines.some((text) => {
    const short = text.slice(0, 1000)
    return (
      /roll(?:ed|ing)?[ -]?back|back ?out|\brevert|\bdowngrade|up and down/i.test(short) &&
      /\btest(?!s? pass)|\brehears|\bdrill|\bdry[ -]?run|\bvalidated|\bverified|\bpractis|\bpractic/i.test(short)
    )
  })
}

const rollbackMissing: TextRule = (document, report) => {
  const { lines, commands, isDeclared } = document
  const serves =
    /\bkubectl\s+(?:apply|set)\b|\bhelm\s+(?:upgrade|install)\b|\bkubectl\s.*rollout\b|--traffic\b|\bterraform\s+apply\b|\becs\s+update-service\b|\bflyctl\s+deploy\b/
  const first = commands.find(({ text }) => serves.test(text))
  if (
    isDeclared ||
    !first ||
    lines.some((text) => backWords.test(text) || /previous (?:version|release)|\bundo\b|downgrade/i.test(text))
  )
    return
  report('rollback-missing', first, {
    found: `"${shown(first.text)}", and nothing that says how the version before comes back`,
    expected: 'a section on the way back: commands, who decides, and when',
    example: '## Rollback\n- [ ] Traffic is back on the version before',
  })
}

const loadTooSmall: TextRule = ({ items, commands }, report) => {
  const load =
    /(\d[\d,]*)\s*\+?\s*(?:(?:concurrent|simultaneous|parallel)\s+)?(?:viewers|users|connections|clients|sessions|streams|VUs|visitors)\b/i
  const made =
    /\{1\.\.(\d+)\}|\bseq\s+(?:1\s+)?(\d+)|--(?:vus|users|connections|concurrency|clients)[= ](\d+)|\b(?:hey|wrk|ab)\b.*\s-c\s*(\d+)/
  const commandsOfItems = Map.groupBy(commands, ({ item }) => item)
  for (const item of items) {
    const wanted = Number(load.exec(item.text)?.[1]?.replaceAll(',', '') ?? NaN)
    if (Number.isNaN(wanted)) continue
    for (const command of commandsOfItems.get(item) ?? []) {
      const match = made.exec(command.text)
      const opened = Number(match?.slice(1).find((value) => value !== undefined) ?? NaN)
      if (!(opened < wanted)) continue
      report('load-too-small', command, {
        found: `a load of ${opened}, in an item that asks for ${wanted}: "${shown(item.text, 60)}"`,
        expected: `the load that the item promises, and a look at whether it was reached`,
        example: `k6 run --vus ${wanted} --duration 10m load.js`,
      })
    }
  }
}

export const goingBackRules: readonly TextRule[] = [
  tagCreatedTwice,
  taggedAfterRelease,
  stageWithoutShift,
  versionByPosition,
  rollbackOtherTarget,
  restoresNothingSaved,
  rehearsalMissing,
  rollbackMissing,
  loadTooSmall,
]
