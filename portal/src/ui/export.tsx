// The same rows for other programs: the address is the API.
import type { JSX } from 'preact';
import { url } from '../core/api';
import { Copy } from './pieces';

const FORMATS: [string, string][] = [
  ['csv', 'CSV'],
  ['json', 'JSON'],
  ['parquet', 'Parquet'],
];

/** @param address of a GET that takes `format` */
export function Export({ address, name }: { address: string; name: string }): JSX.Element {
  const as = (format: string): string => `${address}${address.includes('?') ? '&' : '?'}format=${format}`;
  return (
    <details class="export">
      <summary class="button">Download</summary>
      <div class="card stack tight">
        <div class="row">
          {FORMATS.map(([format, title]) => (
            <a key={format} class="button" href={as(format)} download={`${name}.${format}`}>
              {title}
            </a>
          ))}
        </div>
        <Copy label="Copy as curl" text={curl(as('csv'))} />
      </div>
    </details>
  );
}

/** The address of a statement's answer. Values of strangers go in as `quoted`. */
export const sqlAddress = (statement: string): string => url('/api/v1/sql', { q: statement });

/** @return `text` as a text of SQL */
export const quoted = (text: string): string => `'${text.replaceAll("'", "''")}'`;

/** The command that gets the same from a terminal. */
export function curl(path: string): string {
  return `curl -H "Authorization: Bearer $KEY" '${location.origin}${path.replaceAll("'", '%27')}'`;
}
