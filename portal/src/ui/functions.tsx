// Functions in JavaScript that rules call: a list, and an editor that says at once what is wrong.
import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { get, piece, post, put, remove } from '../core/api';
import type { FunctionCheck, UserFunction } from '../core/model';
import { may } from '../core/session';
import { useAct, useLoad } from './load';
import { Card, Confirm, Empty, Time, Trouble } from './pieces';

const FIRST = 'function celsius(f) {\n  return (f - 32) * 5 / 9;\n}\n';

export function Functions(): JSX.Element {
  const list = useLoad(signal => get<{ functions: UserFunction[] }>('/api/v1/functions', signal), []);
  const [open, setOpen] = useState<string>();
  const all = list.data?.functions ?? [];
  const known = all.find(one => one.name === open);
  const close = (): void => {
    setOpen(undefined);
    list.again();
  };
  return (
    <Card title="Functions">
      <p class="muted small">Small texts in JavaScript that rules call like any other function.</p>
      <Trouble of={list.problem} />
      {list.data && all.length === 0 && <Empty>None yet.</Empty>}
      <ul class="attempts" aria-label="Functions">
        {all.map(one => (
          <li key={one.name} class="row">
            <button type="button" aria-expanded={open === one.name} onClick={() => setOpen(one.name)}>
              <code>
                {one.name}({one.parameters.join(', ')})
              </code>
            </button>
            <span class="muted small">
              version {one.version}, <Time at={one.savedAt} /> by {one.savedBy}
            </span>
          </li>
        ))}
      </ul>
      {may('operator') && open === undefined && (
        <button type="button" onClick={() => setOpen('')}>
          New function
        </button>
      )}
      {open !== undefined && (open === '' || known) && (
        <Edit
          key={`${open} ${known?.version ?? 0}`}
          known={known}
          onSaved={close}
          onClose={() => setOpen(undefined)}
        />
      )}
    </Card>
  );
}

function Edit({
  known,
  onSaved,
  onClose,
}: {
  known: UserFunction | undefined;
  onSaved: () => void;
  onClose: () => void;
}): JSX.Element {
  const [text, setText] = useState(known?.text ?? FIRST);
  const [doomed, setDoomed] = useState(false);
  const [versions, setVersions] = useState(false);
  const { act, busy, problem } = useAct();
  const name = known?.name ?? nameIn(text);
  const check = useCheck(name, text);
  const save = (): void =>
    void act(async () => {
      await put(`/api/v1/functions/${piece(name)}`, { text });
      onSaved();
    });
  const destroy = (): void =>
    void act(async () => {
      await remove(`/api/v1/functions/${piece(name)}`);
      onSaved();
    });
  return (
    <div class="stack">
      <label class="field">
        {known ? `The text of ${name}()` : 'The text; its name is that of the function in it'}
        <textarea
          class="mono"
          rows={10}
          spellcheck={false}
          readOnly={!may('operator')}
          value={text}
          onInput={event => setText(event.currentTarget.value)}
        />
      </label>
      {check && !check.good ? (
        <div class="notice bad" role="alert">
          {check.message}
        </div>
      ) : (
        <p class="muted small" role="status">
          {check ? `Rules can call ${name}().` : 'Checking…'}
        </p>
      )}
      <Trouble of={problem} />
      <div class="row">
        {may('operator') && (
          <button type="button" class="first" disabled={busy || !check?.good} onClick={save}>
            {known ? 'Save as a new version' : 'Save function'}
          </button>
        )}
        {known && (
          <button type="button" onClick={() => setVersions(!versions)}>
            {versions ? 'Hide versions' : 'Versions'}
          </button>
        )}
        {known && may('operator') && (
          <button type="button" class="danger" disabled={busy} onClick={() => setDoomed(true)}>
            Remove function
          </button>
        )}
        <button type="button" onClick={onClose}>
          Close
        </button>
      </div>
      {known && versions && <Versions name={name} />}
      {doomed && (
        <Confirm
          question={`Remove the function ${name}?`}
          consequence="Its versions go with it. While a rule calls it, it stays."
          word="Remove"
          onYes={destroy}
          onNo={() => setDoomed(false)}
        />
      )}
    </div>
  );
}

function nameIn(text: string): string {
  return /\bfunction\s+([A-Za-z_$][\w$]*)/.exec(text)?.[1] ?? 'f';
}

/** What the server says of the text, a moment after the last key. */
function useCheck(name: string, text: string): FunctionCheck | undefined {
  const [check, setCheck] = useState<FunctionCheck>();
  useEffect(() => {
    const abort = new AbortController();
    const timer = setTimeout(() => {
      post<FunctionCheck>('/api/v1/functions/check', { name, text }, abort.signal).then(setCheck, error => {
        if (!abort.signal.aborted) {
          setCheck({ good: false, message: `It could not be checked: ${String(error.message)}` });
        }
      });
    }, 250);
    return () => {
      clearTimeout(timer);
      abort.abort();
    };
  }, [name, text]);
  return check;
}

function Versions({ name }: { name: string }): JSX.Element {
  const list = useLoad(
    signal => get<{ versions: UserFunction[] }>(`/api/v1/functions/${piece(name)}/versions`, signal),
    [name],
  );
  return (
    <div class="stack">
      <Trouble of={list.problem} />
      {list.data?.versions.map(version => (
        <div key={version.version}>
          <p class="muted small">
            Version {version.version}, <Time at={version.savedAt} /> by {version.savedBy}
          </p>
          <pre tabIndex={0}>{version.text}</pre>
        </div>
      ))}
    </div>
  );
}
