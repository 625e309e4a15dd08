/** One requirement of a LabelSelector or a NodeSelector: k8s.io/apimachinery/pkg/labels Requirement. */
export interface Requirement {
  operator: string;
  values?: readonly string[];
}

/** Whether a label's value fulfils it; NotIn is also fulfilled where the key is absent. Gt and Lt are of nodes only. */
export function meets(value: string | undefined, { operator, values = [] }: Requirement): boolean {
  switch (operator) {
    case 'In':
      return value !== undefined && values.includes(value);
    case 'NotIn':
      return value === undefined || !values.includes(value);
    case 'Exists':
      return value !== undefined;
    case 'DoesNotExist':
      return value === undefined;
    case 'Gt':
      return isInteger(value) && isInteger(values[0]) && Number(value) > Number(values[0]);
    case 'Lt':
      return isInteger(value) && isInteger(values[0]) && Number(value) < Number(values[0]);
    default:
      return false;
  }
}

/** What strconv.ParseInt takes; anything else never matches. */
function isInteger(text: string | undefined): boolean {
  return text !== undefined && /^[+-]?\d+$/.test(text);
}
