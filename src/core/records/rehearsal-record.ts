/** The name of the record that a rehearsal of the way back leaves, and that production asks for. */
export const rehearsalRecord = 'rollback-rehearsal'
