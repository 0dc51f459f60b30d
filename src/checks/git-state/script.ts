/** What is asked of git, as one script that only reads. Its answers are lines of a name, a tab and a value. */
import { prelude } from './prelude.ts'

/**
 * Values come as variables, each empty where nothing is asked. No hook, no file monitor, no lock, no prompt, no pager;
 * a name that could be taken for an option stands behind `--` or in full (`refs/tags/...`).
 */
export const script = `
${prelude}
each() { tr '\\n\\0' ' \\n' | sed "s/^/$1\\t/"; }
commit_of() { g rev-parse --verify --quiet --end-of-options "$1^{commit}" || { echo "there is no commit, branch or tag $1 here; fetch it first" >&2; exit 1; }; }
g rev-parse --is-inside-work-tree >/dev/null
tell commit "$(g rev-parse --verify HEAD^{commit})"
tell branch "$(g symbolic-ref --quiet --short HEAD || true)"
if [ -n "$ASK_CLEAN" ]; then g status --porcelain -z --untracked-files=normal | each dirty; fi
if [ -n "$ASK_BASE" ]; then
  base="$(commit_of "$ASK_BASE")"
  tell base "$base"
  tell behind "$(g rev-list --count HEAD.."$base")"
  tell ahead "$(g rev-list --count "$base"..HEAD)"
fi
if [ -n "$ASK_MERGES" ]; then
  with="$(commit_of "$ASK_MERGES")"
  code=0; out="$(g merge-tree --write-tree --name-only --no-messages HEAD "$with")" || code=$?
  [ "$code" -le 1 ]
  tell merges "$code"
  [ "$code" -eq 0 ] || printf '%s\\n' "$out" | tail -n +2 | tr '\\n' '\\0' | each conflict
fi
if [ -n "$ASK_MARKERS" ]; then
  { g grep -I -l -z -E '^(<{7}|>{7})( |$)' -- . || [ "$?" -eq 1 ]; } | each marker
fi
if [ -n "$ASK_TAG" ]; then
  tell tag_kind "$(g cat-file -t "refs/tags/$ASK_TAG" 2>/dev/null || true)"
  tell tag_commit "$(g rev-parse --verify --quiet "refs/tags/$ASK_TAG^{commit}" || true)"
fi
if [ -n "$ASK_REMOTE" ]; then
  if [ -n "$ASK_TAG" ]; then
    listed="$(g ls-remote -- "$ASK_REMOTE" "refs/tags/$ASK_TAG" "refs/tags/$ASK_TAG^{}")"
    tell remote_tag "$(printf '%s\\n' "$listed" | tail -n 1 | cut -f 1)"
  else
    branch="$(g symbolic-ref --quiet --short HEAD || true)"
    listed="$([ -z "$branch" ] || g ls-remote -- "$ASK_REMOTE" "refs/heads/$branch")"
    tell remote_head "$(printf '%s\\n' "$listed" | cut -f 1)"
  fi
fi
if [ -n "$ASK_SINCE" ]; then
  since="$(commit_of "$ASK_SINCE")"
  tell since "$since"
  g diff --name-only --no-renames --no-ext-diff -z "$since" HEAD | each changed
  tell_unknown "$ASK_UNCHANGED"
fi
tell done yes
`

/** What the script told: a value by name, and lists of files. */
export interface Told {
  readonly values: ReadonlyMap<string, string>
  readonly lists: ReadonlyMap<string, readonly string[]>
}

const listed: ReadonlySet<string> = new Set(['dirty', 'conflict', 'marker', 'changed', 'unknown'])

/** Null where the script did not come to its end. */
export function readTold(text: string): Told | null {
  const values = new Map<string, string>()
  const lists = new Map<string, string[]>()
  for (const line of text.split('\n')) {
    const tab = line.indexOf('\t')
    if (tab < 0) continue
    const name = line.slice(0, tab)
    const value = line.slice(tab + 1)
    if (!listed.has(name)) values.set(name, value)
    else lists.set(name, [...(lists.get(name) ?? []), value])
  }
  return values.get('done') === 'yes' ? { values, lists } : null
}
