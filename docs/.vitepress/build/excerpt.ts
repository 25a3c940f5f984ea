import { readFileSync } from 'node:fs';
import ts from 'typescript';
import { root } from './paths.ts';

/**
 * The text of some of the top-level declarations of a TypeScript file, each with its comment, as they stand there.
 *
 * @throws Error if the file has no declaration of such a name: what a page shows cannot go stale unnoticed
 */
export function excerpt(file: string, names: readonly string[]): string {
  const text = readFileSync(`${root}${file}`, 'utf8');
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true);
  return names
    .map((name) => {
      const found = source.statements.find((statement) => declares(statement, name));
      if (!found) throw new Error(`${file} declares no ${name}`);
      const comment = ts.getLeadingCommentRanges(text, found.getFullStart())?.at(-1);
      return text.slice(comment?.pos ?? found.getStart(), found.getEnd());
    })
    .join('\n\n');
}

function declares(statement: ts.Statement, name: string): boolean {
  if (ts.isVariableStatement(statement))
    return statement.declarationList.declarations.some((each) => each.name.getText() === name);
  const named = statement as ts.Statement & { readonly name?: ts.Node };
  return named.name?.getText() === name;
}
