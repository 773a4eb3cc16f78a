/** os-release(5): shell-like assignments, values optionally quoted. */
export function parseOsRelease(text: string): { readonly id: string; readonly prettyName: string } {
  const values = new Map<string, string>();
  for (const line of text.split('\n')) {
    const assignment = /^\s*([A-Z][A-Z0-9_]*)=(.*?)\s*$/.exec(line);
    if (assignment?.[1] !== undefined) values.set(assignment[1], unquote(assignment[2] ?? ''));
  }
  // Both defaults are those of os-release(5).
  const id = values.get('ID') ?? 'linux';
  return { id, prettyName: values.get('PRETTY_NAME') ?? values.get('NAME') ?? 'Linux' };
}

function unquote(value: string): string {
  const quoted = /^(["'])(.*)\1$/s.exec(value);
  const inner = quoted?.[2] ?? value;
  return quoted?.[1] === "'" ? inner : inner.replaceAll(/\\([\\"$`])/g, '$1');
}
