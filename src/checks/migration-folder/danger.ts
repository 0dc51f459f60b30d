/** What a statement of a migration does to data and to the version that still runs: it adds, it destroys, or it cannot be told. */
import { type SqlStatement, statementsOf } from './statements.ts'

export interface Danger {
  readonly kind: 'destroys' | 'unknown'
  /** `drops a column`, `DO: what it runs is not looked into`. */
  readonly why: string
  /** The statement, cut. */
  readonly statement: string
}

type Verdict = null | Pick<Danger, 'kind' | 'why'>

const destroys = (why: string): Verdict => ({ kind: 'destroys', why })
const unknown = (why: string): Verdict => ({ kind: 'unknown', why })

/** In the order of the script; nothing = every statement is one that only adds. */
export function dangersOf(script: string): readonly Danger[] {
  return statementsOf(script).flatMap((statement) => {
    const verdict = verdictOf(statement)
    return verdict === null ? [] : [{ ...verdict, statement: shown(statement.text) }]
  })
}

function shown(text: string): string {
  const flat = text.replaceAll(/\s+/g, ' ')
  return flat.length > 120 ? `${flat.slice(0, 117)}...` : flat
}

/** Words that end or begin a transaction: what runs a migration does that, or the script itself. */
const frame = new Set(['begin', 'start', 'commit', 'end'])
const adds = new Set(['comment', 'grant', 'analyze', 'lock', 'reindex', 'refresh', 'vacuum', 'notify'])

export function isFrame({ words }: SqlStatement): boolean {
  return frame.has(words[0] ?? '')
}

function verdictOf(statement: SqlStatement): Verdict {
  const { words, unread } = statement
  if (unread !== null) return unknown(unread)
  const [first = ''] = words
  if (isFrame(statement) || adds.has(first)) return null
  const rule = rules[first]
  if (rule) return rule(words)
  return unknown(`${first.toUpperCase()}: what it does is not known here`)
}

const rules: Readonly<Record<string, (words: readonly string[]) => Verdict>> = {
  drop: ([, what = '', next]) =>
    what === 'index' || what === 'trigger'
      ? null
      : destroys(`drops a ${what === 'materialized' ? `${what} ${next}` : what}`),
  truncate: () => destroys('empties a table'),
  delete: () => destroys('deletes rows'),
  update: () => destroys('overwrites rows'),
  merge: () => destroys('merges into rows that are there'),
  revoke: () => destroys('takes a right away'),
  insert: changing,
  with: (words) => changing(words) ?? (words.includes('insert') ? null : unknown('WITH: what it ends in is not known')),
  select: selecting,
  set: (words) => (words.includes('standard_conforming_strings') ? unknown('it changes how texts are read') : null),
  create: creating,
  alter: altering,
}

/** `on delete cascade`, `for update` and a trigger `before delete` change no row. */
function changing(words: readonly string[]): Verdict {
  const verb = words.find(
    (each, index) =>
      (each === 'delete' && words[index + 1] === 'from') ||
      (each === 'update' && !['on', 'for', 'key'].includes(words[index - 1] ?? '')) ||
      each === 'merge',
  )
  return verb === undefined ? null : destroys(`${verb}s rows that are there`)
}

const harmless = new Set(['set_config', 'setval', 'now', 'count', 'pg_notify', 'max', 'min', 'coalesce', 'in'])

/** A function that is called may do anything. */
function selecting(words: readonly string[]): Verdict {
  const called = words.find((each, index) => words[index + 1] === '(' && /^[\w"]/.test(each) && !harmless.has(each))
  if (called !== undefined) return unknown(`SELECT: what ${called}() does is not looked into`)
  return words.includes('into') ? null : changing(words)
}

const created = new Set(
  'table index unique view materialized function procedure type domain schema sequence extension trigger constraint policy temp temporary unlogged aggregate operator collation cast statistics role user event global local recursive foreign server publication'.split(
    ' ',
  ),
)

function creating(words: readonly string[]): Verdict {
  const [what = ''] = words.slice(words[1] === 'or' && words[2] === 'replace' ? 3 : 1)
  if (!created.has(what)) return unknown(`CREATE ${what.toUpperCase()}: what it does is not known here`)
  return what === 'trigger' || what === 'constraint' || what === 'event' ? null : changing(words)
}

function altering(words: readonly string[]): Verdict {
  const what = words[1] ?? ''
  if (words.includes('rename')) return destroys('renames what the version in use knows by its old name')
  if (what === 'type') return actionsOf(words).every(([verb]) => verb === 'add') ? null : destroys('changes a type')
  if (what === 'sequence' && words.includes('restart')) return destroys('sets a sequence back')
  if (what !== 'table') return unknown(`ALTER ${what.toUpperCase()}: what it changes is not known here`)
  return (
    actionsOf(words)
      .map(actionVerdict)
      .find((verdict) => verdict !== null) ?? null
  )
}

const nameSigns = new Set(['if', 'exists', 'only', '.', '*'])

/** The parts between the commas of `alter table NAME …`, without those inside of brackets. */
function actionsOf(words: readonly string[]): readonly (readonly string[])[] {
  let at = 2
  while (nameSigns.has(words[at] ?? '')) at += 1
  at += 1
  while (words[at] === '.') at += 2
  if (words[at] === '*') at += 1
  const actions: string[][] = [[]]
  let depth = 0
  for (const each of words.slice(at)) {
    if (each === '(') depth += 1
    if (each === ')') depth -= 1
    if (each === ',' && depth === 0) actions.push([])
    else actions.at(-1)?.push(each)
  }
  return actions
}

const keeping = new Set('add validate owner enable force no attach cluster replica inherit reset'.split(' '))

function actionVerdict(action: readonly string[]): Verdict {
  const [first = '', second = ''] = action
  if (first === 'drop') return second === 'constraint' ? null : destroys('drops a column')
  if (first === 'detach') return destroys('takes a partition out')
  if (first === 'disable') return destroys('switches a rule or trigger of a table off')
  if (first === 'alter') return columnVerdict(action.slice(second === 'column' ? 2 : 1))
  if (first === 'set') return setVerdict(second)
  return keeping.has(first) ? null : unknown(`ALTER TABLE ${first.toUpperCase()}: what it changes is not known here`)
}

function setVerdict(second: string): Verdict {
  if (second === 'schema') return destroys('moves a table where the version in use does not look')
  if (second === 'unlogged') return destroys('makes a table that a crash empties')
  return second === '(' || second === 'logged' || second === 'tablespace' || second === 'without'
    ? null
    : unknown(`ALTER TABLE SET ${second.toUpperCase()}: what it changes is not known here`)
}

/** Behind `alter column`: the name, then what is done to it. */
function columnVerdict([, verb = '', ...rest]: readonly string[]): Verdict {
  if (verb === 'type' || (verb === 'set' && rest[0] === 'data')) return destroys('changes the type of a column')
  if (verb === 'drop')
    return rest[0] === 'expression' ? unknown('DROP EXPRESSION: values are no longer computed') : null
  if (verb === 'set' || verb === 'add' || verb === 'reset') return null
  return unknown(`ALTER COLUMN ${verb.toUpperCase()}: what it changes is not known here`)
}
