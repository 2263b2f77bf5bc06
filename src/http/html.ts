// HTML from templates that cannot forget to escape: every value put into an `html` template becomes text, unless it is
// itself the result of one. Attributes in templates stand in double quotes. Pure.

/** Markup in which every text is escaped. */
export interface Html {
  readonly markup: string;
}

type Value = string | number | null | Html | readonly Html[];

/** Joins a template with its values; null is nothing. */
export function html(parts: TemplateStringsArray, ...values: readonly Value[]): Html {
  const markup = parts.map((part, index) => part + markupOf(values[index] ?? null)).join('');
  return { markup };
}

function markupOf(value: Value): string {
  if (value === null) return '';
  if (typeof value === 'string' || typeof value === 'number') return escape(String(value));
  return 'markup' in value ? value.markup : value.map(({ markup }) => markup).join('');
}

function escape(text: string): string {
  return text.replaceAll(/[&<>"']/g, (character) => entities[character] ?? character);
}

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};
