/** What to type where a record is missing. */
import type { RecordBlock } from '../../core/plan/plan.ts'
import type { ReleaseState } from '../../core/release/state.ts'
import type { WaitingView } from '../view.ts'
import { word } from './shell-word.ts'

/** The drill of this checklist that makes the record comes first; others are of other documents, and only named. */
export function recordCommands(state: ReleaseState, block: RecordBlock): WaitingView['commands'] {
  const drill = state.plan.phases.find(
    ({ kind, id, title }) => kind === 'drill' && [id, title].includes(block.drill ?? ''),
  )
  const start = `holdpoint run ${word(state.plan.source.file)} --drill ${word(drill?.id ?? '')}`
  return [...(drill === undefined ? [] : [{ why: 'start its drill', command: start }]), recordCommand(state, block)]
}

/** Only a rehearsal knows which text of the way back it was of; any other record may be added by hand. */
function recordCommand(state: ReleaseState, block: RecordBlock): WaitingView['commands'][number] {
  return block.of === 'way-back'
    ? { why: 'rehearse it', command: rehearse(state, block) }
    : { why: 'add the record', command: addRecord(block) }
}

function rehearse({ plan, previous, releaseVersion }: ReleaseState, { environment }: RecordBlock): string {
  const versions = `--from ${word(previous ?? 'VERSION')} --to ${word(releaseVersion)}`
  const where = environment === undefined ? '' : ` --env ${word(environment)}`
  return `holdpoint rehearse ${word(plan.source.file)} ${versions}${where}`
}

function addRecord({ name, evidence, environment, limits }: RecordBlock): string {
  const asked = [
    ...(environment === undefined ? [] : [`--environment ${word(environment)}`]),
    ...Object.keys(limits ?? {}).map((fact) => (fact === 'took' ? '--took DURATION' : `--fact ${word(fact)}=VALUE`)),
    ...(evidence === 'required' ? ['--evidence FILE'] : []),
  ]
  return ['holdpoint records add', word(name), '--note NOTE', ...asked].join(' ')
}
