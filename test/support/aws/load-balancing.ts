/** Listeners and rules of a load balancer as the API describes them: a split over target groups, with what stands before it. */
import { type AwsCall, type AwsHandler, elements, formAnswer, Refusal } from './answers.ts'

export interface SplitThere {
  /** Weights under the ARNs of target groups. */
  groups: Record<string, number>
  readonly sticky: boolean
  /** It asks who somebody is before it forwards. */
  readonly authenticates: boolean
}

/** Under the ARN of the listener or rule. */
export type Splits = Map<string, SplitThere>

export function loadBalancingHandler(splits: Splits): AwsHandler {
  return {
    protocol: 'query',
    action: ({ form }) => `elasticloadbalancing:${form.get('Action')}`,
    answer: (call) => {
      const action = call.form.get('Action') ?? ''
      const [, verb, word] = /^(Describe|Modify)(Rule|Listener)s?$/.exec(action) ?? []
      if (verb === undefined || word === undefined || call.form.get('Version') !== '2015-12-01')
        throw new Refusal(400, 'InvalidAction', `Could not find operation ${action}`)
      const arn = call.form.get(verb === 'Modify' ? `${word}Arn` : `${word}Arns.member.1`) ?? ''
      const found = splits.get(arn)
      if (!found || arn.includes(':listener-rule/') !== (word === 'Rule'))
        throw new Refusal(400, `${word}NotFound`, `One or more ${word.toLowerCase()}s not found`)
      if (verb === 'Modify') change(found, word === 'Rule' ? 'Actions' : 'DefaultActions', call)
      return formAnswer(
        action,
        `<${word}s><member>${elements({ [`${word}Arn`]: arn })}${actions(found, word)}</member></${word}s>`,
      )
    },
  }
}

function actions({ groups, sticky, authenticates }: SplitThere, word: string): string {
  const members = Object.entries(groups).map(
    ([arn, weight]) => `<member>${elements({ TargetGroupArn: arn, Weight: weight })}</member>`,
  )
  const [only, ...more] = Object.keys(groups)
  const config = `<ForwardConfig><TargetGroups>${members.join('')}</TargetGroups><TargetGroupStickinessConfig>${elements({ Enabled: sticky, DurationSeconds: sticky ? 60 : undefined })}</TargetGroupStickinessConfig></ForwardConfig>`
  const forward = `<member>${elements({ Type: 'forward', Order: 2, TargetGroupArn: more.length === 0 ? only : undefined })}${config}</member>`
  const first = authenticates
    ? `<member>${elements({ Type: 'authenticate-oidc', Order: 1 })}<AuthenticateOidcConfig>${elements({ Issuer: 'https://id.example.com', ClientId: 'shop' })}</AuthenticateOidcConfig></member>`
    : ''
  const list = word === 'Rule' ? 'Actions' : 'DefaultActions'
  return `<${list}>${first}${forward}</${list}>`
}

function change(found: SplitThere, list: string, { form }: AwsCall): void {
  const given = (name: string): string | null => form.get(`${list}.member.${found.authenticates ? 2 : 1}.${name}`)
  if (found.authenticates && form.get(`${list}.member.1.AuthenticateOidcConfig.Issuer`) !== 'https://id.example.com')
    throw new Refusal(400, 'InvalidConfigurationRequest', 'An action before the forward is missing')
  if (given('Type') !== 'forward' || given('TargetGroupArn') !== null)
    throw new Refusal(400, 'InvalidConfigurationRequest', 'You cannot specify a target group beside several')
  if ((given('ForwardConfig.TargetGroupStickinessConfig.Enabled') === 'true') !== found.sticky)
    throw new Refusal(400, 'InvalidConfigurationRequest', 'Stickiness was not kept')
  const groups: Record<string, number> = {}
  for (let index = 1; ; index += 1) {
    const arn = given(`ForwardConfig.TargetGroups.member.${index}.TargetGroupArn`)
    if (arn === null) break
    const weight = Number(given(`ForwardConfig.TargetGroups.member.${index}.Weight`))
    if (!Number.isInteger(weight) || weight < 0 || weight > 999)
      throw new Refusal(400, 'ValidationError', 'Weight must be between 0 and 999')
    groups[arn] = weight
  }
  if (Object.keys(groups).length === 0) throw new Refusal(400, 'ValidationError', 'At least one target group is needed')
  found.groups = groups
}
