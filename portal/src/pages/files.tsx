// The tenant's own files: tables, their days, and each Parquet file to take home.
import type { JSX } from 'preact';
import { get, piece, url } from '../core/api';
import * as format from '../core/format';
import { query } from '../core/router';
import { useLoad } from '../ui/load';
import { Busy, Card, Code, Empty, Page, Tabs, Time, Trouble } from '../ui/pieces';

interface Sums {
  files: number;
  rows: number;
  bytes: number;
}

interface Table extends Sums {
  table: string;
  hotRows: number;
  days: (Sums & { day: string })[];
}

interface LakeFile {
  file: string;
  day: string;
  rows: number;
  bytes: number;
  minTs: string | null;
  maxTs: string | null;
  minDevice: string;
  maxDevice: string;
  late: boolean;
}

const PATH = '/api/v1/lake/tables';
/** The column of each table by which its files are parted. */
const TIMES: Record<string, string> = {
  readings: 'ts',
  events: 'ts',
  messages: 'received',
  rejected: 'received',
};

export function Files(): JSX.Element {
  const table = query.value.get('table') ?? 'readings';
  const day = query.value.get('day') ?? '';
  const lake = useLoad(signal => get<{ remote: boolean; tables: Table[] }>(PATH, signal), []);
  const known = lake.data?.tables.find(one => one.table === table);
  return (
    <Page
      title="Files"
      lead={
        lake.data?.remote
          ? 'Parquet files of this tenant in the bucket; what you download is fetched from there.'
          : 'Parquet files of this tenant in the data folder. Other programs may read them.'
      }
      actions={
        <a class="button" href="/explore">
          Explore
        </a>
      }
    >
      <Trouble of={lake.problem} />
      {!lake.data && !lake.problem && <Busy what="Reading what there is" />}
      {lake.data && (
        <Tabs
          label="Tables"
          current={table}
          tabs={lake.data.tables.map(one => ({
            id: one.table,
            title: one.table,
            href: url('/explore/files', { table: one.table }),
          }))}
        />
      )}
      {known && (
        <p>
          {format.count(known.rows)} rows in {format.count(known.files)} files, {format.bytes(known.bytes)}
          {known.hotRows > 0 && `; ${format.count(known.hotRows)} newer ones are in no file yet`}.
        </p>
      )}
      {known && !day && <Days of={known} />}
      {known && day && <OneDay table={table} day={day} />}
      {lake.data && !known && <p>There is no table of this name.</p>}
    </Page>
  );
}

function Days({ of }: { of: Table }): JSX.Element {
  if (of.days.length === 0) {
    return (
      <Card>
        <Empty command="./tributary send my-first temp=21.5">
          No file yet: what comes is put into files within a minute or so, or when there is much of it.
        </Empty>
      </Card>
    );
  }
  return (
    <div class="scroll-x card" tabIndex={0} role="region" aria-label="Days">
      <table>
        <thead>
          <tr>
            <th scope="col">Day, UTC</th>
            <th scope="col" class="number">
              Files
            </th>
            <th scope="col" class="number">
              Rows
            </th>
            <th scope="col" class="number">
              Size
            </th>
          </tr>
        </thead>
        <tbody>
          {of.days.map(one => (
            <tr key={one.day}>
              <td>
                <a href={url('/explore/files', { table: of.table, day: one.day })}>{one.day}</a>
              </td>
              <td class="number">{format.count(one.files)}</td>
              <td class="number">{format.count(one.rows)}</td>
              <td class="number">{format.bytes(one.bytes)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function OneDay({ table, day }: { table: string; day: string }): JSX.Element {
  const path = `${PATH}/${piece(table)}/files`;
  const list = useLoad(
    signal => get<{ files: LakeFile[]; more?: boolean }>(url(path, { day }), signal),
    [table, day],
  );
  const files = list.data?.files ?? [];
  const time = TIMES[table] ?? 'ts';
  const sql = `SELECT * FROM ${table} WHERE ${time} >= '${day}' AND ${time} < TIMESTAMP '${day}' + INTERVAL 1 DAY LIMIT 100`;
  return (
    <div class="stack">
      <div class="row">
        <h2 class="grow">{day}</h2>
        <a class="button" href={url('/explore/files', { table })}>
          All days
        </a>
        <a class="button" href={url('/explore', { q: sql })}>
          Look into it
        </a>
      </div>
      <Trouble of={list.problem} />
      {!list.data && !list.problem && <Busy what="Reading files" />}
      {list.data && files.length === 0 && (
        <p>None of this day, any more: files are merged, and go when their time is over.</p>
      )}
      {files.length > 0 && (
        <>
          <div class="scroll-x card" tabIndex={0} role="region" aria-label={`Files of ${day}`}>
            <table>
              <thead>
                <tr>
                  <th scope="col">File</th>
                  <th scope="col" class="number">
                    Rows
                  </th>
                  <th scope="col" class="number">
                    Size
                  </th>
                  <th scope="col">From</th>
                  <th scope="col">To</th>
                  <th scope="col">Devices</th>
                </tr>
              </thead>
              <tbody>
                {files.map(one => (
                  <tr key={one.file}>
                    <td>
                      <a href={`${path}/${piece(one.file)}`} download={`${table}-${day}-${one.file}`}>
                        Download
                      </a>{' '}
                      <span class="muted small">
                        …{one.file.slice(-16)}
                        {one.late && ', replaces earlier rows'}
                      </span>
                    </td>
                    <td class="number">{format.count(one.rows)}</td>
                    <td class="number">{format.bytes(one.bytes)}</td>
                    <td>{one.minTs && <Time at={one.minTs} />}</td>
                    <td>{one.maxTs && <Time at={one.maxTs} />}</td>
                    <td>
                      {one.minDevice === one.maxDevice
                        ? one.minDevice
                        : `${one.minDevice} to ${one.maxDevice}`}
                    </td>
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
          {list.data?.more && <p class="muted small">The first {files.length} of more.</p>}
          <Code
            label="Copy lines"
            text={`curl -fsS '${location.origin}${path}/${files[0]!.file}' -H "Authorization: Bearer $KEY" -o part.parquet\nduckdb -c "SELECT * FROM 'part.parquet' LIMIT 10"`}
          />
        </>
      )}
    </div>
  );
}
