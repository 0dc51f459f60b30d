/** What the repository can be asked: whether it is clean, on its branch, tagged, and of one version. */
import { check, type Settings } from '../kinds/block.ts'
import { namesOf } from '../kinds/document-names.ts'
import { byStatement } from '../kinds/statement.ts'

const named = /(?:^|[\s`([])((?:[\w.-]+\/)*[\w.-]*\w\.[a-z]{1,6})(?=$|[\s`)\],;:]|\.(?:\s|$))/gi
const manifest =
  /(?:^|\/)(?:package\.json|Cargo\.toml|pyproject\.toml|Info\.plist|Chart\.yaml|composer\.json|(?:openapi|swagger)[\w.-]*\.(?:ya?ml|json))$/
const text =
  /\.(?:md|rst|txt|adoc|go|py|rs|ts|js|mjs|rb|java|kt|swift|c|h|hpp|cpp|cs|php|ex|exs|gradle|cfg|sbt|cabal|nix)$/

/** Files that a sentence names, each once: such as name their version, and texts in which it stands. */
function versionPlaces(marked: string): Settings | null {
  const paths = [...new Set(Array.from(marked.slice(0, 300).matchAll(named), ([, path = '']) => path))]
  const files = paths.filter((path) => manifest.test(path))
  const mentioned = paths.filter((path) => text.test(path) && (/\//.test(path) || marked.includes(`\`${path}\``)))
  if (files.length + mentioned.length === 0 || paths.some((path) => path.startsWith('..'))) return null
  return [
    ...(files.length > 0 ? ([['files', files]] as const) : []),
    ...(mentioned.length > 0 ? ([['mentioned', mentioned]] as const) : []),
  ]
}

export const repository = byStatement('repository', [
  {
    text: /^(?:there are )?no uncommitted changes\b|^(?:the |your )?(?:git )?working (?:directory|tree|copy) is clean\b|^(?:you have )?(?:a )?clean working (?:directory|tree|copy)\b|^all (?:changes|code|work) (?:is |are )?committed(?! to)\b/i,
    unless: /`/,
    kind: 'git',
    why: '`git` says what is changed, staged or untracked.',
    propose: () => check('git', [['clean', true]]),
  },
  {
    text: /\bno (?:unresolved |remaining |open )?merge conflicts?\b/i,
    kind: 'git',
    why: '`git` says which files hold what a conflict leaves behind.',
    propose: () => check('git', [['no-conflict-markers', true]]),
  },
  {
    text: /^(?:(?:you|we) are )?on (?:the )?(?:branch `([\w./-]{1,60})`|`([\w./-]{1,60})` branch\b)/i,
    kind: 'git',
    why: '`git` says which branch is checked out.',
    propose: ([, one, two]) => check('git', [['branch', (one ?? two ?? '').replaceAll('.', '\\.')]]),
  },
  {
    text: /\b(?:up[- ]to[- ]date|in sync) with `?(origin\/[\w.-]{1,60}|main|master|develop)`?(?=$|[\s).,;])/i,
    unless: /\bdocs?\b|\bdocument/i,
    kind: 'git',
    why: '`git` says whether a commit of it is missing here.',
    propose: ([, other = '']) => check('git', [['up-to-date-with', other]]),
  },
  {
    text: /(?:^|[\s`([])((?:[\w.-]+\/)*(?:CHANGELOG|CHANGES|HISTORY|NEWS)\.(?:md|rst|txt|adoc))\b.{0,12}\b(?:is |was |has been )?updated\b/,
    kind: 'git',
    why: '`git` says that it changed since the last release; what stands in it, it does not judge.',
    propose: ([, file = ''], _item, { outline }) =>
      check('git', [
        ['changed-since', namesOf(outline).previousTag],
        ['changed', [file]],
      ]),
  },
  {
    text: /\b(?:bump|update|increment|set)\b.{0,30}\bversion\b.{0,24}\b(?:in|of|to)\b|\bversion(?: numbers?)?\b.{0,12}\b(?:bumped|updated|incremented|set|correct|matches|agrees|changes)\b.{0,8}\b(?:in|to|with)\b|\bversion numbers?\b.{0,8}\bin\b|\btags? match(?:es)?\b.{0,20}\bversions?\b/i,
    unless:
      /^(?:if|when|once)\b|\{\{|\bPRs?\b|\bpull request|\b(?:next|dev|development|snapshot|back|minimum|msrv|rust|node|python|go|java|php|dependenc\w+|lowest|depends|supported|known|api|badge|docs?)\s+(?:\w+\s+)?versions?\b/i,
    kind: 'git',
    why: '`version` says whether it names the version of the release.',
    propose: ([said], { marked }) => {
      // The files stand right behind the version.
      const places = versionPlaces(marked.slice(marked.indexOf(said)).slice(0, said.length + 120))
      return places === null ? null : check('version', places)
    },
  },
  {
    text: /\bversion (?:number )?(?:follows|adheres to|is a valid) (?:semantic version\w*|semver)\b/i,
    kind: 'git',
    why: '`version` says whether the version of the release is one of Semantic Versioning.',
    propose: () => check('version', []),
  },
])
