// SQL: what there is to ask, an editor, the answer as a grid or a chart, and what it costs.
import type { JSX } from 'preact';
import { useRef, useState } from 'preact/hooks';
import { Problem, get, patch, piece, post, remove, url } from '../core/api';
import * as format from '../core/format';
import type { Rows, RunningQuery, SavedQuery, Scalar, SqlSchema } from '../core/model';
import { query, refine } from '../core/router';
import { may } from '../core/session';
import { Chart, type Line } from '../ui/chart';
import { Export } from '../ui/export';
import { asProblem, useAct, useLoad, useNow } from '../ui/load';
import { Busy, Card, Page, Trouble } from '../ui/pieces';
import type { Editor } from '../ui/editor';
import { SqlBox } from '../ui/sql-box';

const FIRST = 'SELECT device, sensor, ts, value\nFROM readings\nORDER BY ts DESC\nLIMIT 100';
const GRID_ROWS = 1000;
/** What one screen can hold; a download has no such limit. */
const ROWS_MAX = 50_000;

interface Ran {
  sql: string;
  rows: Rows;
  millis: number;
}

export function Explore(): JSX.Element {
  const [sql, setSql] = useState(query.value.get('q') ?? FIRST);
  const [ran, setRan] = useState<Ran>();
  const [cost, setCost] = useState<Rows>();
  const [problem, setProblem] = useState<Problem>();
  const [running, setRunning] = useState<{ id: string; since: number }>();
  const editor = useRef<Editor | undefined>(undefined);
  const schema = useLoad(signal => get<SqlSchema>('/api/v1/sql/schema?samples=true', signal), []);

  const ask = async (statement: string): Promise<Rows | undefined> => {
    const id = `portal-${crypto.getRandomValues(new Uint32Array(2)).join('-')}`;
    setRunning({ id, since: Date.now() });
    setProblem(undefined);
    try {
      return await post<Rows>('/api/v1/sql?format=json', {
        sql: statement,
        id,
        rowsMax: ROWS_MAX,
        timeoutMs: 120_000,
      });
    } catch (failure) {
      setProblem(asProblem(failure));
      return undefined;
    } finally {
      setRunning(undefined);
    }
  };
  const run = async (): Promise<void> => {
    const statement = editor.current?.text() ?? sql;
    refine({ q: statement });
    setCost(undefined);
    const begin = performance.now();
    const rows = await ask(statement);
    if (rows) setRan({ sql: statement, rows, millis: performance.now() - begin });
  };
  const explain = async (): Promise<void> => setCost(await ask(`EXPLAIN ${editor.current?.text() ?? sql}`));
  const cancel = (): void =>
    void (running && remove(`/api/v1/sql/running/${piece(running.id)}`).catch(() => undefined));
  const open = (statement: string): void => {
    setSql(statement);
    editor.current?.set(statement);
    refine({ q: statement });
  };

  return (
    <Page
      title="Explore"
      lead="SQL over everything that was ever acknowledged, a second after it was."
      actions={
        <div class="row">
          <a href="/explore/files">Files</a>
          <a href="/explore/message">Where is my message?</a>
        </div>
      }
    >
      <div class="explore">
        <Schema
          of={schema.data}
          problem={schema.problem}
          onTable={name => open(`SELECT *\nFROM ${name}\nLIMIT 100`)}
        />
        <div class="stack tight">
          <SqlBox
            sql={sql}
            schema={schema.data}
            mistake={problem?.body.position}
            onChange={setSql}
            onRun={() => void run()}
            onReady={made => {
              editor.current = made;
            }}
          />
          <div class="row">
            {running ? (
              <button type="button" class="danger" onClick={cancel}>
                Cancel
              </button>
            ) : (
              <button type="button" class="first" onClick={() => void run()}>
                Run
              </button>
            )}
            <button type="button" disabled={!!running} onClick={() => void explain()}>
              Explain
            </button>
            <span class="muted small grow">
              Ctrl Enter runs it. The address keeps the statement: share it.
            </span>
            <Export address={url('/api/v1/sql', { q: ran?.sql ?? sql })} name="query" />
          </div>
          {running && <Running id={running.id} since={running.since} />}
          <Wrong of={problem} onTake={(from, to) => open(sql.replace(from, to))} />
          {cost && <Cost of={cost} />}
          {ran && <Answer of={ran} />}
          <Saved sql={sql} onOpen={open} />
        </div>
      </div>
    </Page>
  );
}

/** How far a statement is, where the engine knows. */
function Running({ id, since }: { id: string; since: number }): JSX.Element {
  const now = useNow(250);
  const all = useLoad(signal => get<{ queries: RunningQuery[] }>('/api/v1/sql/running', signal), [id], 1000);
  const mine = all.data?.queries.find(one => one.id === id);
  const far = mine?.percent === undefined ? '' : `, ${Math.floor(mine.percent)} % done`;
  return (
    <div class="row">
      <Busy what={`Running for ${format.span((now - since) / 1000)}${far}`} />
      {mine?.percent !== undefined && <progress max={100} value={mine.percent} aria-label="How far it is" />}
    </div>
  );
}

function Wrong({
  of,
  onTake,
}: {
  of: Problem | undefined;
  onTake: (from: string, to: string) => void;
}): JSX.Element | null {
  if (!of) return null;
  const { suggestion } = of.body;
  const meant = /there is no \w+ "([^"]+)"/.exec(of.detail)?.[1];
  return (
    <div class="notice bad" role="alert">
      <strong>{of.title}.</strong> {of.detail}
      {suggestion && meant && (
        <>
          {' '}
          <button type="button" onClick={() => onTake(meant, suggestion)}>
            Use {suggestion}
          </button>
        </>
      )}
    </div>
  );
}

function Schema({
  of,
  problem,
  onTable,
}: {
  of: SqlSchema | undefined;
  problem: Problem | undefined;
  onTable: (name: string) => void;
}): JSX.Element {
  return (
    <aside class="card schema" aria-label="Tables and columns">
      <h2>Tables</h2>
      <Trouble of={problem} />
      {!of && !problem && <Busy what="Reading what there is" />}
      {of?.tables.map(table => (
        <details key={table.name} open={table.name === 'readings'}>
          <summary>
            {table.name} <span class="muted small">{table.kind === 'view' ? 'devices of a type' : ''}</span>
          </summary>
          <button type="button" class="plain" onClick={() => onTable(table.name)}>
            Show rows
          </button>
          <ul>
            {table.columns.map(column => (
              <li key={column.name}>
                <code>{column.name}</code> <span class="muted small">{column.type.toLowerCase()}</span>
                {column.samples.length > 0 && (
                  <div class="muted small cut">{column.samples.map(sample => cell(sample)).join(' · ')}</div>
                )}
              </li>
            ))}
          </ul>
        </details>
      ))}
    </aside>
  );
}

function cell(of: Scalar): string {
  if (typeof of === 'object' && of !== null) return JSON.stringify(of);
  return format.value(of);
}

function Cost({ of }: { of: Rows }): JSX.Element {
  return (
    <Card title="What it costs">
      <div class="scroll-x" tabIndex={0}>
        <pre>{of.rows.map(row => row.map(one => String(one ?? '')).join('  ')).join('\n')}</pre>
      </div>
    </Card>
  );
}

function Answer({ of: { rows, millis } }: { of: Ran }): JSX.Element {
  const lines = chartable(rows);
  const [chart, setChart] = useState(false);
  return (
    <Card
      title={`${format.count(rows.rowCount)} rows in ${millis < 1000 ? `${Math.round(millis)} ms` : `${(millis / 1000).toFixed(1)} s`}`}
      actions={
        lines && (
          <button type="button" aria-pressed={chart} onClick={() => setChart(!chart)}>
            {chart ? 'Grid' : 'Chart'}
          </button>
        )
      }
    >
      {chart && lines ? <Chart title="Answer over time" lines={lines} height={320} /> : <Grid of={rows} />}
    </Card>
  );
}

function Grid({ of }: { of: Rows }): JSX.Element {
  if (of.rowCount === 0)
    return <p class="muted">No row. The columns are {of.columns.map(column => column.name).join(', ')}.</p>;
  const isNumber = of.columns.map(column => /INT|DOUBLE|FLOAT|DECIMAL/.test(column.type));
  return (
    <div class="scroll-x grid" tabIndex={0} role="region" aria-label="Rows">
      <table>
        <thead>
          <tr>
            {of.columns.map((column, index) => (
              <th
                key={index}
                scope="col"
                class={isNumber[index] ? 'number' : ''}
                title={column.type.toLowerCase()}
              >
                {column.name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {of.rows.slice(0, GRID_ROWS).map((row, index) => (
            <tr key={index}>
              {row.map((one, column) => (
                <td key={column} class={isNumber[column] ? 'number' : ''}>
                  {isNumber[column] ? String(one ?? '–') : cell(one)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
      {of.rowCount > GRID_ROWS && (
        <p class="muted">
          The first {format.count(GRID_ROWS)} of {format.count(of.rowCount)}; download has them all.
        </p>
      )}
    </div>
  );
}

/** A time and numbers beside it can be drawn: one line a number, or one a name where there is a column of names. */
function chartable(of: Rows): Line[] | undefined {
  const time = of.columns.findIndex(column => /TIMESTAMP|DATE/.test(column.type));
  const numbers = of.columns.flatMap((column, index) =>
    /INT|DOUBLE|FLOAT|DECIMAL/.test(column.type) ? [index] : [],
  );
  if (time < 0 || numbers.length === 0 || of.rows.length < 2) return undefined;
  const names = of.columns.flatMap((column, index) => (column.type === 'VARCHAR' ? [index] : []));
  const lines = new Map<string, [number, number][]>();
  for (const row of of.rows) {
    const at = Date.parse(String(row[time])) / 1000;
    for (const number of numbers) {
      const value = row[number];
      if (typeof value !== 'number' || Number.isNaN(at)) continue;
      const name =
        [
          ...names.map(index => String(row[index])),
          ...(numbers.length > 1 ? [of.columns[number]!.name] : []),
        ].join(' ') || of.columns[number]!.name;
      const known = lines.get(name);
      if (known) known.push([at, value]);
      else lines.set(name, [[at, value]]);
    }
  }
  const drawn = [...lines].slice(0, 6).map(([name, points]) => {
    points.sort((a, b) => a[0] - b[0]);
    return { name, at: points.map(point => point[0]), values: points.map(point => point[1]) };
  });
  return drawn.length > 0 ? drawn : undefined;
}

function Saved({ sql, onOpen }: { sql: string; onOpen: (sql: string) => void }): JSX.Element {
  const saved = useLoad(signal => get<{ queries: SavedQuery[] }>('/api/v1/sql/saved', signal), []);
  const [name, setName] = useState('');
  const { act, busy, problem } = useAct();
  const save = (event: Event): void => {
    event.preventDefault();
    void act(async () => {
      const there = saved.data?.queries.some(one => one.name === name);
      if (there) await patch(`/api/v1/sql/saved/${piece(name)}`, { sql });
      else await post('/api/v1/sql/saved', { name, sql });
      saved.again();
    });
  };
  const drop = (one: SavedQuery): void =>
    void act(async () => {
      await remove(`/api/v1/sql/saved/${piece(one.name)}`);
      saved.again();
    });
  return (
    <Card title="Saved">
      {saved.data?.queries.length === 0 && (
        <p class="muted">None yet. A saved query has an address of its own that other programs can read.</p>
      )}
      <ul class="saved">
        {saved.data?.queries.map(one => (
          <li key={one.name} class="row">
            <button type="button" class="plain" onClick={() => onOpen(one.sql)}>
              {one.name}
            </button>
            <span class="muted small cut grow">{one.description || one.sql}</span>
            {may('operator') && (
              <button
                type="button"
                class="plain"
                aria-label={`Remove ${one.name}`}
                disabled={busy}
                onClick={() => drop(one)}
              >
                Remove
              </button>
            )}
          </li>
        ))}
      </ul>
      {may('operator') && (
        <form class="row" onSubmit={save}>
          <input
            aria-label="Name to save it under"
            placeholder="name"
            required
            pattern="[A-Za-z0-9][A-Za-z0-9._\-]*"
            value={name}
            onInput={event => setName(event.currentTarget.value)}
          />
          <button type="submit" disabled={busy}>
            Save
          </button>
        </form>
      )}
      <Trouble of={problem ?? saved.problem} />
    </Card>
  );
}
