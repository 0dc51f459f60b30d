/** What the repository can be asked: whether it is clean, on its branch, tagged, and of one version. */
import { check } from '../kinds/block.ts'
import { namesOf } from '../kinds/document-names.ts'
import { byStatement } from '../kinds/statement.ts'

const manifest =
  /(?:^|[\s`([/])((?:[\w.-]+\/)*(?:package\.json|Cargo\.toml|pyproject\.toml|Info\.plist|Chart\.yaml|composer\.json))(?=$|[\s`)\],.;:])/g

/** Manifests that a sentence names, each once. */
function manifestsIn(text: string): readonly string[] {
  return [...new Set(Array.from(text.slice(0, 300).matchAll(manifest), ([, path = '']) => path))]
}

export const repository = byStatement('repository', [
  {
    text: /\bno uncommitted changes\b|\bworking (?:directory|tree|copy) is clean\b|\bclean working (?:directory|tree|copy)\b|\ball (?:changes|code|work) (?:is |are )?committed(?! to)\b/i,
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
    text: /\bversions?\b.{0,40}\b(?:bump\w*|updated?|incremented|set|match\w*|correct|agree\w*|in)\b|\b(?:bump|update|increment|set)\b.{0,30}\bversions?\b/i,
    unless: /\b(?:next|dev|development|snapshot|back|minimum|dependenc\w+|lowest|only if|depends)\b/i,
    kind: 'git',
    why: '`version` says whether it names the version of the release.',
    propose: (_said, { marked }) => {
      const files = manifestsIn(marked)
      return files.length === 0 ? null : check('version', [['files', files]])
    },
  },
  {
    text: /\bversion (?:number )?(?:follows|adheres to|is a valid) (?:semantic version\w*|semver)\b/i,
    kind: 'git',
    why: '`version` says whether the version of the release is one of Semantic Versioning.',
    propose: () => check('version', []),
  },
])
