// node_preload: one more word in NODE_OPTIONS, by which Node loads `corevisor/worker` before the program. NODE_OPTIONS is
// divided as Node divides it (its src/node_options.cc ParseNodeOptionsEnvVar): by spaces alone, `"` begins and ends a
// part in which a backslash takes the next character as it is. Pure.

/** Adds the module to NODE_OPTIONS, once; or why that cannot be, without what stands in it. */
export function preload(
  variables: Readonly<Record<string, string>>,
  path: string,
): { readonly variables: Readonly<Record<string, string>> } | { readonly error: string } {
  const present = variables['NODE_OPTIONS'] ?? '';
  const words = nodeWords(present);
  if (words === null) {
    return { error: "node_preload can't add to NODE_OPTIONS: a quote in it is not closed, and Node would refuse it" };
  }
  if (words.some((word) => word === path || word === `--require=${path}` || word === `-r=${path}`))
    return { variables };
  const added = `--require ${quoted(path)}`;
  return { variables: { ...variables, NODE_OPTIONS: words.length === 0 ? added : `${present} ${added}` } };
}

/** The words that Node reads in NODE_OPTIONS; null where it ends with "unterminated string" or "invalid escape". */
export function nodeWords(text: string): readonly string[] | null {
  const words: string[] = [];
  let word: string | null = null;
  let inQuotes = false;
  for (let index = 0; index < text.length; index += 1) {
    let char = text[index] ?? '';
    if (char === '\\' && inQuotes) {
      index += 1;
      if (index === text.length) return null;
      char = text[index] ?? '';
    } else if (char === '"') {
      inQuotes = !inQuotes;
      continue;
    } else if (char === ' ' && !inQuotes) {
      if (word !== null) words.push(word);
      word = null;
      continue;
    }
    word = (word ?? '') + char;
  }
  if (word !== null) words.push(word);
  return inQuotes ? null : words;
}

function quoted(path: string): string {
  return /[ "]/.test(path) ? `"${path.replaceAll(/["\\]/g, String.raw`\$&`)}"` : path;
}
