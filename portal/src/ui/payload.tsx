// A payload as JSON, text or bytes, and the line that sends the same again.
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { bytes } from '../core/api';
import * as format from '../core/format';
import type { Message } from '../core/model';
import { useLoad } from './load';
import { Copy, Trouble } from './pieces';

type View = 'JSON' | 'Text' | 'Hex';

/** More than so much is cut off: nobody reads that much, and the page stays quick. */
const SHOWN = 64 * 1024;
const LINE = 16;

export function Payload({ of }: { of: Message }): JSX.Element {
  const views: View[] = of.encoding === 'json' ? ['JSON', 'Text', 'Hex'] : ['Text', 'Hex'];
  const [view, setView] = useState<View>(of.encoding === 'base64' ? 'Hex' : views[0]!);
  // As they came: what the list has of JSON was read and written anew.
  const raw = useLoad(
    signal => bytes(`/api/v1/messages/${of.partition}-${of.position}/payload`, signal),
    [of.partition, of.position],
  );
  const exact = raw.data;
  return (
    <>
      <div class="row" role="group" aria-label="How the payload is shown">
        {views.map(one => (
          <button type="button" key={one} aria-pressed={view === one} onClick={() => setView(one)}>
            {one}
          </button>
        ))}
      </div>
      <pre tabIndex={0} class={view === 'Hex' ? 'hex' : ''} aria-label={`Payload, ${view}`}>
        {view === 'JSON'
          ? JSON.stringify(of.payload, null, 2)
          : view === 'Hex'
            ? exact && dump(exact.subarray(0, SHOWN))
            : exact
              ? text(exact.subarray(0, SHOWN))
              : format.payload(of.payload)}
      </pre>
      {view !== 'JSON' && exact && exact.length > SHOWN && (
        <p class="muted small">The first {format.bytes(SHOWN)}.</p>
      )}
      <Trouble of={raw.problem} />
      <div class="row">
        <Copy label="Copy payload" text={exact ? text(exact) : format.payload(of.payload)} />
        {exact && <Copy label="Copy as send" text={again(of, exact)} />}
      </div>
    </>
  );
}

const text = (of: Uint8Array): string => new TextDecoder().decode(of);

/** `00000010  7b 22 74 65 ...  |{"te...|`, as hexdump -C writes it. */
export function dump(of: Uint8Array): string {
  const lines: string[] = [];
  for (let at = 0; at < of.length; at += LINE) {
    const part = [...of.subarray(at, at + LINE)];
    const hex = part.map(byte => byte.toString(16).padStart(2, '0')).join(' ');
    const seen = part.map(byte => (byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : '.')).join('');
    lines.push(`${at.toString(16).padStart(8, '0')}  ${hex.padEnd(3 * LINE - 1)}  |${seen}|`);
  }
  return lines.join('\n') || '(no bytes)';
}

const quoted = (of: string): string => `'${of.replaceAll("'", "'\\''")}'`;

/** The command that sends the same: as the device where it is plain telemetry, else the bytes to the topic. */
export function again(of: Message, payload: Uint8Array): string {
  const whole = text(payload);
  const binary = of.encoding === 'base64' || whole.includes('\0');
  if (of.device && of.topic === `devices/${of.device}/telemetry` && of.encoding === 'json') {
    return `printf '%s' ${quoted(whole)} | ./tributary send ${of.device} -f -`;
  }
  const bytes = binary
    ? `printf '%s' ${btoa(Array.from(payload, byte => String.fromCharCode(byte)).join(''))} | base64 -d`
    : `printf '%s' ${quoted(whole)}`;
  const topic = of.topic.split('/').map(encodeURIComponent).join('/');
  const address = `${location.origin}/api/v1/messages/${topic}${of.retain ? '?retain=true' : ''}`;
  return `${bytes} | curl -fsS ${quoted(address)} -H "Authorization: Bearer $TOKEN" --data-binary @-`;
}
