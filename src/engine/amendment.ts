/** An amendment may want more targets and locks than its release did: refused where that could make releases wait in a circle. */
import type { Store } from '../core/ports/store.ts'
import type { PersonCommand, Refusal } from '../core/release/commands.ts'
import { decide } from '../core/release/decide.ts'
import type { Actor } from '../core/release/events.ts'
import type { ReleaseState } from '../core/release/state.ts'
import type { Instant } from '../core/units.ts'
import { circleOfAmendment } from './lock-circle.ts'
import { holderOf } from './start.ts'
import type { Targets } from './targets.ts'

type Amend = Extract<PersonCommand, { kind: 'Amend' }>

export interface AmendmentPorts {
  readonly store: Store
  readonly targets: Targets
}

interface Amending {
  readonly lane: { readonly state: ReleaseState | null; now(): Instant }
  readonly command: Amend
  readonly actor: Actor
}

export class Amendments {
  readonly #ports: AmendmentPorts
  #last: Promise<unknown> = Promise.resolve()

  constructor(ports: AmendmentPorts) {
    this.#ports = ports
  }

  /** One after another: of two at once each could miss what the other will want. */
  submit<T>(amending: Amending, submit: () => Promise<T | Refusal>): Promise<T | Refusal> {
    const amended = this.#last.then(async () => (await this.#circling(amending)) ?? submit())
    this.#last = amended.catch(() => null)
    return amended
  }

  /** null = nothing stands in its way, or the amendment is refused for another reason, which is told first. */
  async #circling({ lane, command, actor }: Amending): Promise<Refusal | null> {
    const { state } = lane
    if (state === null || state.rehearsal) return null
    if (decide(state, command, { actor, now: lane.now() }).kind === 'refused') return null
    const { store, targets } = this.#ports
    const circle = await circleOfAmendment(state, command.plan, async (stream) => {
      const target = await targets.read(stream)
      return { stream, target, holder: await holderOf(store, target) }
    })
    return circle === null ? null : { kind: 'refused', code: 'target-busy', reason: circle }
  }
}
