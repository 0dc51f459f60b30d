/** What a checklist's variables and expressions can see of a release. */
import type { Json } from '../units.ts'
import type { ReleaseState } from './state.ts'

/** Strings for `{{ name }}` and for HOLDPOINT_* environment: version, previous, environment, service, release, commit, `input.NAME`/NAME, captures, fields. */
export function variablesOf(_state: ReleaseState): Record<string, string> {
  throw new Error('being built')
}

/** Bindings for CEL `when`: the variables typed (numbers, booleans), `input`, `steps.<name>.outcome`, captured numbers as numbers. */
export function bindingsOf(_state: ReleaseState): Record<string, Json> {
  throw new Error('being built')
}

/** Environment of a command besides what the launcher adds: HOLDPOINT_VERSION, ..., HOLDPOINT_INPUT_<NAME>. */
export function environmentOf(_state: ReleaseState, _attempt: string, _epoch: number): Record<string, string> {
  throw new Error('being built')
}

/** The digest a signature of this step covers (plan, artefact, outcomes, fields, waivers, open issues of all that precedes it), and its lines, for showing what is signed. */
export function signatureOf(_state: ReleaseState, _step: string): { digest: string; lines: readonly string[] } {
  throw new Error('being built')
}
