// Weight of the API's canary, held by the balancer's own page.
const [, , word] = process.argv
const { HOLDPOINT_INPUT_ADMIN_URL: admin, HOLDPOINT_WEIGHT: weight, HOLDPOINT_EPOCH: epoch } = process.env

const order = { percent: word === 'restore' ? 0 : Number(weight), epoch: Number(epoch) }
const answer = await fetch(`${admin}/weight`, word === 'read' ? {} : { method: 'PUT', body: JSON.stringify(order) })
const said = await answer.json()
if (!answer.ok) {
  console.error(said.error)
  process.exit(1)
}
console.log(said.percent)
