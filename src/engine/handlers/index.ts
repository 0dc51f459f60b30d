/** Which handler works on which effect: one line for each kind, none forgotten. */
import { never } from '../../core/units.ts'
import { readWindow } from './windows.ts'
import type { Work } from '../work.ts'
import { awaitAttempt, cancelAttempt, runAttempt } from './attempts.ts'
import { captureField, lookUpRecord, writeRecord } from './lookups.ts'
import { takeLock } from './locks.ts'
import { sendMessage } from './messages.ts'
import { observe } from './observe.ts'
import { tick } from './tick.ts'
import { repeatShift, restoreTraffic, shiftTraffic } from './traffic.ts'
import { observeTrigger } from './triggers.ts'

export function handle(work: Work): Promise<void> {
  const { effect } = work
  switch (effect.kind) {
    case 'Tick':
      return tick({ ...work, effect })
    case 'RunCheck':
    case 'RunCommand':
      return runAttempt({ ...work, effect })
    case 'AwaitAttempt':
      return awaitAttempt({ ...work, effect })
    case 'CancelAttempt':
      return cancelAttempt({ ...work, effect })
    case 'ShiftTraffic':
      return shiftTraffic({ ...work, effect })
    case 'RepeatShift':
      return repeatShift({ ...work, effect })
    case 'RestoreTraffic':
      return restoreTraffic({ ...work, effect })
    case 'Observe':
      return observe({ ...work, effect })
    case 'ObserveTrigger':
      return observeTrigger({ ...work, effect })
    case 'LookUpRecord':
      return lookUpRecord({ ...work, effect })
    case 'WriteRecord':
      return writeRecord({ ...work, effect })
    case 'TakeLock':
      return takeLock({ ...work, effect })
    case 'CaptureField':
      return captureField({ ...work, effect })
    case 'ReadWindow':
      return readWindow({ ...work, effect })
    case 'SendMessage':
      return sendMessage({ ...work, effect })
    default:
      return never(effect, 'handle')
  }
}
