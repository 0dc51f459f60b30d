/** The release as every surface shows it: re-exported here so that clients need no path into the report folder. */
export type { ReleaseView } from '../../report/view.ts'
