/** What a listener or a rule of a load balancer does: its actions, and how traffic is split between target groups. */
import { type Aws, AwsFault, orNone } from './client.ts'
import { nodesAt, textAt, type XmlNode } from './xml.ts'

const version = '2015-12-01'

/** The actions of a listener or rule, as they are; null = there is none. Throws AwsFault. */
export async function actionsOf(aws: Aws, arn: string): Promise<readonly XmlNode[] | null> {
  const { describe, list, missing, key, actions } = wordsFor(arn)
  const result = await orNone(aws.form('loadBalancing', version, describe, { [`${key}s.member.1`]: arn }), missing)
  const [found] = result === null ? [] : nodesAt(result, list, 'member')
  return found === undefined ? null : nodesAt(found, actions, 'member')
}

/** Weights of the target groups that the one forwarding action splits to. Throws AwsFault. */
export function groupsIn(actions: readonly XmlNode[]): ReadonlyMap<string, number> {
  const forwards = actions.filter((action) => textAt(action, 'Type') === 'forward')
  const [forward] = forwards
  if (forward === undefined || forwards.length > 1) throw new AwsFault('it does not forward to target groups', '', 200)
  const groups = nodesAt(forward, 'ForwardConfig', 'TargetGroups', 'member').map((group): readonly [string, number] => {
    const weight = textAt(group, 'Weight')
    return [textAt(group, 'TargetGroupArn') ?? '', weight === null ? 1 : Number(weight)]
  })
  const alone = textAt(forward, 'TargetGroupArn')
  const all = groups.length === 0 && alone !== null ? [[alone, 1] as const] : groups
  if (all.some(([arn, weight]) => arn === '' || !Number.isInteger(weight) || weight < 0))
    throw new AwsFault('its target groups are not as a load balancer gives them', '', 200)
  return new Map(all)
}

/** The same actions with another split; stickiness and what stands before it stay as they are. Throws AwsFault. */
export async function setGroups(
  aws: Aws,
  arn: string,
  actions: readonly XmlNode[],
  groups: ReadonlyMap<string, number>,
): Promise<void> {
  const { modify, key, actions: word } = wordsFor(arn)
  const values: Record<string, string> = { [key]: arn }
  actions.forEach((action, index) => {
    const prefix = `${word}.member.${index + 1}`
    const isForward = textAt(action, 'Type') === 'forward'
    // One group beside several would contradict them.
    const kept = isForward ? action.children.filter(({ name }) => name !== 'TargetGroupArn') : action.children
    for (const child of kept) Object.assign(values, flattened(child, `${prefix}.${child.name}`))
    if (!isForward) return
    const split = `${prefix}.ForwardConfig.TargetGroups.member`
    for (const name of Object.keys(values)) if (name.startsWith(split)) delete values[name]
    ;[...groups].forEach(([group, weight], position) => {
      values[`${split}.${position + 1}.TargetGroupArn`] = group
      values[`${split}.${position + 1}.Weight`] = String(weight)
    })
  })
  await aws.form('loadBalancing', version, modify, values, { changes: true })
}

/** Which of the two an ARN names. */
function wordsFor(arn: string) {
  return arn.includes(':listener-rule/')
    ? ({
        describe: 'DescribeRules',
        modify: 'ModifyRule',
        key: 'RuleArn',
        list: 'Rules',
        actions: 'Actions',
        missing: 'RuleNotFound',
      } as const)
    : ({
        describe: 'DescribeListeners',
        modify: 'ModifyListener',
        key: 'ListenerArn',
        list: 'Listeners',
        actions: 'DefaultActions',
        missing: 'ListenerNotFound',
      } as const)
}

/** A tree as the names and values of a form. */
function flattened(node: XmlNode, name: string): Readonly<Record<string, string>> {
  if (node.children.length === 0) return node.text === '' ? {} : { [name]: node.text }
  return Object.assign(
    {},
    ...node.children.map((child, index) =>
      flattened(child, child.name === 'member' ? `${name}.member.${index + 1}` : `${name}.${child.name}`),
    ),
  ) as Record<string, string>
}
