/** How an attended release is shown while it goes on. */
import type { StoredEvent } from '../../core/ports/store.ts'
import type { ReleaseEvent } from '../../core/release/events.ts'
import type { ReleaseView } from '../../report/view.ts'

export interface Presenter {
  event(event: StoredEvent<ReleaseEvent>): void
  view(view: ReleaseView): void
  disconnected(why: string): void
  /** Leaves the terminal as a person expects it. */
  end(): void
}
