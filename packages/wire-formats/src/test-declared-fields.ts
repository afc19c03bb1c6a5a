/**
 * The names of the members that an interface of a declaration file states, those of the interfaces it extends left out.
 * TypeScript's own parser has no JavaScript API any more, and member names at depth one need no more than this.
 */
export function declaredFields(declarations: string, interfaceName: string): readonly string[] {
  const source = declarations.replaceAll(/\/\*[\s\S]*?\*\/|\/\/[^\n]*/g, '');
  const head = new RegExp(`\\binterface ${interfaceName}(?:<[^>{]*>)?(?: extends [^{]*)?\\s*\\{`).exec(source);
  if (head === null) throw new Error(`The declarations have no interface ${interfaceName}: look where it went.`);
  const fields: string[] = [];
  let depth = 1;
  let member = '';
  for (let at = head.index + head[0].length; depth > 0; at++) {
    const character = source[at];
    if (character === undefined) throw new Error(`The interface ${interfaceName} has no end.`);
    if ('{[(<'.includes(character)) depth++;
    // `=>` closes nothing.
    else if ('}])'.includes(character) || (character === '>' && source[at - 1] !== '=')) depth--;
    if (depth === 1 && character === ';') member = endMember(member, fields);
    else if (depth >= 1) member += character;
  }
  return fields;
}

function endMember(member: string, fields: string[]): string {
  const name = /^\s*(?:readonly\s+)?['"]?([\w$]+)['"]?\??\s*[:(]/.exec(member)?.[1];
  if (name !== undefined) fields.push(name);
  return '';
}
