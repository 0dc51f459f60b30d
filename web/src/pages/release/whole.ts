/** What a part of the document needs to know of the release as a whole, without being drawn again with every news of it. */
import { createContext } from 'preact'
import { useContext } from 'preact/hooks'

export interface Whole {
  readonly release: string
  /** Rolled back, or stopped in another way: no stage goes on. */
  readonly isOver: boolean
  /** Nothing can be decided about a step any more. */
  readonly isEnded: boolean
}

export const WholeContext = createContext<Whole>({ release: '', isOver: false, isEnded: false })

export function useWhole(): Whole {
  return useContext(WholeContext)
}
