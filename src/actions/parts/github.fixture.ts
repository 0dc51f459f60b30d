/** A stand-in of GitHub that the cases of actions act on. */
export { startGithubApi } from '../../../test/support/github-api.ts'
