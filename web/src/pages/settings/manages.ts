/** Whether somebody holds a right over the whole server: only then it makes sense to offer what reaches beyond a place. */
import type { Me } from '../../session.ts'
import { placeWords } from './words.ts'

/** An administrator of one organisation has the right too, and not everywhere. The server decides each time. */
export function managesAll(me: Me, right: string): boolean {
  if (me.kind === 'local') return true
  return me.rights.includes(right) && me.grants.some(({ place }) => placeWords(place) === 'everywhere')
}
