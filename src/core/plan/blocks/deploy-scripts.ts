/** The commands that a deployment is written out into. Texts of the checklist stand in them as they are; values come by the environment. */
import type { Millis } from '../../units.ts'

/** Keeps the one word that the command prints under `value`. */
export function servesScript(serves: string, value: string): string {
  return `shopt -s inherit_errexit
serves="$(
${serves}
)"
case "$serves" in
  '' | *[[:space:]]*)
    printf 'expected one word, the version that serves; it printed "%s"\\n' "$serves" >&2
    exit 1
    ;;
esac
printf '%s\\n' "$serves"
printf '${value}=%s\\n' "$serves" >> "$HOLDPOINT_OUTPUT"
`
}

/** Exit 0 once the version that `variable` names serves, 1 when another one still does in the end, 2 when nobody can say. */
export function servedScript(serves: string, variable: string, withinMs: Millis): string {
  return `shopt -s inherit_errexit
holdpoint_serves() (
${serves}
)
deadline=$((SECONDS + ${Math.ceil(withinMs / 1000)}))
while :; do
  known=yes
  serves="$(holdpoint_serves)" || known=no
  if [ "$known" = yes ] && [ -n "$serves" ] && [ "$serves" = "$${variable}" ]; then
    printf '%s serves %s\\n' "$HOLDPOINT_COMPONENT" "$serves"
    exit 0
  fi
  [ "$SECONDS" -lt "$deadline" ] || break
  sleep 1
done
printf '%s serves "%s", expected "%s"\\n' "$HOLDPOINT_COMPONENT" "$serves" "$${variable}" >&2
[ "$known" = yes ] || exit 2
exit 1
`
}

/** Exit 0 when the version serves that was read before anything changed, kept under `value`. What was not read was not changed. */
export function servedAgainScript(serves: string, value: string): string {
  const kept = `HOLDPOINT_VALUE_${value.toUpperCase()}`
  return `before="\${${kept}:-}"
if [ -z "$before" ]; then
  printf '%s was not begun\\n' "$HOLDPOINT_COMPONENT"
  exit 0
fi
${servedScript(serves, 'before', 0)}`
}

/** Brings out the version, and ends well once it serves. */
export function deployScript(deploy: string, serves: string, withinMs: Millis): string {
  return `(
${deploy}
)
${servedScript(serves, 'HOLDPOINT_VERSION', withinMs)}`
}

export interface WayBack {
  /** null = what brought the new version out brings out the one before. */
  readonly back: string | null
  readonly deploy: string
  readonly restart: string | null
  readonly serves: string
  readonly withinMs: Millis
}

/** Brings out what served before, restarts, and reads back that it serves. */
export function backScript({ back, deploy, restart, serves, withinMs }: WayBack): string {
  return `if [ -z "$HOLDPOINT_PREVIOUS" ]; then
  printf 'nobody knows what %s served before\\n' "$HOLDPOINT_COMPONENT" >&2
  exit 1
fi
(
${back ?? `export HOLDPOINT_VERSION="$HOLDPOINT_PREVIOUS"\n${deploy}`}
)
${restart === null ? '' : `(\n${restart}\n)\n`}${servedScript(serves, 'HOLDPOINT_PREVIOUS', withinMs)}`
}
