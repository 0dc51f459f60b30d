/** How every script of ours asks git: no hook, no file monitor, no lock, no prompt, no pager; answers as a name, a tab and a value. */

export const prelude = `export GIT_TERMINAL_PROMPT=0 GIT_OPTIONAL_LOCKS=0 GIT_PAGER=cat LC_ALL=C
g() { git -c core.fsmonitor=false -c core.hooksPath=/dev/null -c core.quotePath=false "$@"; }
tell() { printf '%s\\t%s\\n' "$1" "$2"; }
tell_unknown() { while IFS= read -r spec; do [ -z "$spec" ] || [ -n "$(g ls-files -- "$spec" | head -c 1)" ] || tell unknown "$spec"; done <<< "$1"; }`
