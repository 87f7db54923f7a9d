// A past window decoded again: what would be otherwise, in numbers and samples, and then put in the place of what is there.
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { post, url } from '../core/api';
import * as format from '../core/format';
import type { DecodeReport } from '../core/model';
import { useAct } from './load';
import { Badge, Busy, Card, Confirm, Time, Trouble } from './pieces';

const PATH = '/api/v1/decode/replay';

const KINDS: [
  keyof Pick<DecodeReport, 'missing' | 'changed' | 'extra' | 'recovered' | 'rejected' | 'otherwise'>,
  string,
][] = [
  ['missing', 'Readings that are not there'],
  ['changed', 'Readings that are there with another value'],
  ['extra', 'Readings that are there and not decoded now'],
  ['recovered', 'Messages that were rejected and are not now'],
  ['rejected', 'Messages that are rejected now and were not'],
  ['otherwise', 'Messages that are rejected for other reasons'],
];

export function Again(): JSX.Element {
  const [from, setFrom] = useState('-1h');
  const [to, setTo] = useState('');
  const [report, setReport] = useState<DecodeReport>();
  const [sure, setSure] = useState(false);
  const { act, busy, problem } = useAct();
  const compare = (): void =>
    void act(async () => {
      setReport(undefined);
      const window = { from: from.trim(), ...(to.trim() ? { to: to.trim() } : {}) };
      setReport(await post<DecodeReport>(PATH, window));
    });
  /** What was found is of another window then. */
  const change = (set: () => void): void => {
    set();
    setReport(undefined);
  };
  const apply = (of: DecodeReport): void => {
    setSure(false);
    void act(async () =>
      setReport(await post<DecodeReport>(PATH, { from: of.from, to: of.to, apply: of.digest })),
    );
  };
  const differs = report !== undefined && KINDS.some(([kind]) => report[kind] > 0);
  return (
    <Card title="Decode again">
      <p class="muted small">
        What came is decoded as this version of the program does it, and compared with what is in the tables.
        Comparing changes nothing.
      </p>
      <div class="row">
        <input
          aria-label="Received from"
          placeholder="-1h, 2026-11-21T12:00:00Z"
          size={24}
          value={from}
          onInput={event => change(() => setFrom(event.currentTarget.value))}
        />
        <input
          aria-label="Received until"
          placeholder="until now"
          size={24}
          value={to}
          onInput={event => change(() => setTo(event.currentTarget.value))}
        />
        <button type="button" disabled={busy || !from.trim()} onClick={compare}>
          Compare
        </button>
        {report?.complete && differs && !report.applied && (
          <button type="button" class="first" disabled={busy} onClick={() => setSure(true)}>
            Put in place
          </button>
        )}
      </div>
      {busy && <Busy what="Decoding" />}
      <Trouble of={problem} />
      {report && <Found report={report} differs={differs} />}
      {report && sure && (
        <Confirm
          question="Put what is decoded now in the place of what is there?"
          consequence={`Of ${format.count(report.messages)} messages, readings and rejected messages become what this version makes of them, all at once. What was there instead goes; the messages stay.`}
          word="Put in place"
          otherwise="Leave it as it is"
          onYes={() => apply(report)}
          onNo={() => setSure(false)}
        />
      )}
    </Card>
  );
}

function Found({ report, differs }: { report: DecodeReport; differs: boolean }): JSX.Element {
  if (!report.complete) {
    return (
      <div class="notice warn" role="status">
        Not all was looked at: {report.why}.
      </div>
    );
  }
  return (
    <div class="stack tight">
      <p role="status">
        {report.applied && <Badge kind="good">in place</Badge>} {format.count(report.messages)} messages from{' '}
        <Time at={report.from} /> to <Time at={report.to} />: {format.count(report.same)} readings were there
        as they are decoded now, {format.count(report.replaced)} replaced by later ones
        {differs ? '.' : ', and nothing would be otherwise.'}
      </p>
      {differs && (
        <ul class="attempts" aria-label="What is otherwise">
          {KINDS.filter(([kind]) => report[kind] > 0).map(([kind, text]) => (
            <li key={kind} class="row">
              <strong>{format.count(report[kind])}</strong>
              <span class="grow">{text}</span>
            </li>
          ))}
        </ul>
      )}
      {report.differences.length > 0 && <Differences of={report} />}
    </div>
  );
}

function Differences({ of }: { of: DecodeReport }): JSX.Element {
  return (
    <div class="scroll-x" tabIndex={0} role="region" aria-label="The first differences">
      <table>
        <thead>
          <tr>
            <th scope="col">What</th>
            <th scope="col">Message</th>
            <th scope="col">Device</th>
            <th scope="col">Sensor</th>
            <th scope="col">Measured</th>
            <th scope="col">Was</th>
            <th scope="col">Is</th>
          </tr>
        </thead>
        <tbody>
          {of.differences.map((one, index) => (
            <tr key={index}>
              <td>{one.kind}</td>
              <td>
                <a href={url('/explore/message', { id: one.message })}>{one.message}</a>
              </td>
              <td>{one.device}</td>
              <td>{one.sensor}</td>
              <td>{one.ts && <Time at={one.ts} />}</td>
              <td class="mono">{one.was}</td>
              <td class="mono">{one.is}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
