/** What is asked of git about frozen files, as one script that only reads. Its answers are lines of a name, tabs and values. */
import { prelude } from './prelude.ts'

/** So many changed files are told with who changed them; the rest is counted. */
export const mostNamed = 30

/** Values come as variables; patterns one a line, as git's own pathspecs. Nothing is written, locked or asked for. */
export const frozenScript = `
${prelude}
g rev-parse --is-inside-work-tree >/dev/null
head="$(g rev-parse --verify HEAD^{commit})"
tell commit "$head"
mapfile -t specs <<< "$ASK_FILES"
since="$head"
if [ -n "$ASK_BEFORE" ]; then
  since="$(g rev-list -1 --first-parent --before="$ASK_BEFORE" HEAD)"
  [ -n "$since" ] || since="$(g rev-list --first-parent HEAD | tail -n 1)"
elif [ -n "$ASK_SINCE" ]; then
  since="$(g rev-parse --verify --quiet --end-of-options "$ASK_SINCE^{commit}" || true)"
fi
if [ -z "$since" ]; then tell missing "$ASK_SINCE"; tell done yes; exit 0; fi
tell since "$since"
g status --porcelain -z --no-renames --untracked-files=all -- "\${specs[@]}" | tr '\\n\\0' ' \\n' | sed 's/^...//; s/^/dirty\\t/'
list="$(g diff --name-only --no-renames --no-ext-diff -z "$since" HEAD -- "\${specs[@]}" | tr '\\n\\0' ' \\n')"
told=0
while IFS= read -r file; do
  [ -n "$file" ] || continue
  told=$((told + 1))
  [ "$told" -le ${mostNamed} ] || continue
  who="$(g log -1 --format='%h%x09%aI%x09%an' "$since..HEAD" -- ":(top,literal)$file" | tr -d '\\n')"
  printf 'changed\\t%s\\t%s\\n' "\${who:-\t\t}" "$file"
done <<< "$list"
tell count "$told"
tell_unknown "$ASK_FILES"
tell done yes
`

export interface ChangedFile {
  readonly file: string
  /** Empty where no commit between the two says it. */
  readonly commit: string
  readonly at: string
  readonly author: string
}

export interface Frozen {
  readonly commit: string
  /** Commit that is compared with; null = it is not in the repository. */
  readonly since: string | null
  readonly dirty: readonly string[]
  readonly changed: readonly ChangedFile[]
  /** All of them, named or not. */
  readonly count: number
  /** Patterns, as pathspecs, that no file matches. */
  readonly unknown: readonly string[]
}

/** Null where the script did not come to its end. */
export function readFrozen(text: string): Frozen | null {
  const rows = text
    .split('\n')
    .filter((line) => line.includes('\t'))
    .map((line) => line.split('\t'))
  const one = (name: string): string | undefined => rows.find(([key]) => key === name)?.[1]
  if (one('done') !== 'yes') return null
  return {
    commit: one('commit') ?? '',
    since: one('since') ?? null,
    dirty: rows.filter(([key]) => key === 'dirty').map(([, ...file]) => file.join('\t')),
    changed: rows
      .filter(([key]) => key === 'changed')
      .map(([, commit = '', at = '', author = '', ...file]) => ({ commit, at, author, file: file.join('\t') })),
    count: Number(one('count') ?? 0),
    unknown: rows.filter(([key]) => key === 'unknown').map(([, ...spec]) => spec.join('\t')),
  }
}

/** `migrations/**`, `*.sql` and `prisma/` as in .gitignore, from the top of the repository. */
export function pathspecOf(pattern: string): string {
  const anchored = pattern.replace(/\/$/, '/**')
  return `:(top,glob)${anchored.includes('/') ? anchored.replace(/^\//, '') : `**/${anchored}`}`
}

/** What no file matches: a slip, or a folder that is still to come. `isAll` = there was nothing to compare, which proves nothing. */
export function unmatched(
  patterns: readonly string[],
  unknown: readonly string[],
): { readonly isAll: boolean; readonly say: string } {
  const named = patterns.filter((pattern) => unknown.includes(pathspecOf(pattern)))
  const say = named.length === 0 ? '' : `no file of the repository matches ${named.join(', ')}`
  return { isAll: patterns.length > 0 && named.length === patterns.length, say }
}
