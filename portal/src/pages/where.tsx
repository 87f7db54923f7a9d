// "Where is my message?": its way station by station, and every rule with the step where it ended.
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { get, piece, url } from '../core/api';
import * as format from '../core/format';
import type { ExplainedRule, Explanation, Outcome } from '../core/model';
import { query, refine } from '../core/router';
import { useLoad } from '../ui/load';
import { Badge, Busy, Card, Empty, Page, Time, Trouble } from '../ui/pieces';

const KIND = {
  good: 'good',
  waits: 'warn',
  bad: 'bad',
  none: '',
  said: 'good',
  passed: 'good',
  dropped: '',
  deaf: '',
} as const;

export function Where(): JSX.Element {
  const id = query.value.get('id') ?? '';
  const device = query.value.get('device') ?? '';
  const at = query.value.get('at') ?? '';
  const told = useLoad(
    signal =>
      id
        ? get<Explanation>(`/api/v1/messages/${piece(id)}/explain`, signal)
        : device
          ? get<Explanation>(url(`/api/v1/devices/${piece(device)}/explain`, { at, within: '10m' }), signal)
          : Promise.resolve(undefined),
    [id, device, at],
  );
  return (
    <Page
      title="Where is my message?"
      lead="From the door to the last sink, out of what is on the disk. Rules run over it again and act on nothing."
    >
      <Ask device={device} at={at} id={id} />
      <Trouble of={told.problem} />
      {told.busy && !told.data && (id || device) && <Busy what="Following the message" />}
      {told.data && <Told of={told.data} />}
      {!id && !device && (
        <Card>
          <Empty command="./tributary explain my-first">
            Name a device and a time, or open a message <a href="/messages">in the list</a>. In the shell:
          </Empty>
        </Card>
      )}
    </Page>
  );
}

function Ask({ device, at, id }: { device: string; at: string; id: string }): JSX.Element {
  const [named, setNamed] = useState(device);
  const [when, setWhen] = useState(at);
  return (
    <form
      class="row"
      onSubmit={event => {
        event.preventDefault();
        refine({ id: '', device: named.trim(), at: when.trim() });
      }}
    >
      <input
        aria-label="Device"
        placeholder="device"
        value={named}
        onInput={event => setNamed(event.currentTarget.value)}
      />
      <input
        aria-label="When"
        placeholder="now, -10m, 2026-11-21T12:00:00Z"
        size={28}
        value={when}
        onInput={event => setWhen(event.currentTarget.value)}
      />
      <button type="submit" class="first" disabled={!named.trim()}>
        Look
      </button>
      {id && <span class="muted">message {id}</span>}
    </form>
  );
}

function Told({ of }: { of: Explanation }): JSX.Element {
  const [all, setAll] = useState(false);
  const rules = of.rules.filter(rule => all || rule.verdict !== 'deaf');
  const deaf = of.rules.length - of.rules.filter(rule => rule.verdict !== 'deaf').length;
  return (
    <>
      <Card title="Its way">
        <ol class="attempts">
          {of.story.map(line => (
            <li key={line.station}>
              <div class="row">
                <Badge kind={KIND[line.state]}>{line.station}</Badge>
                <span class="grow">{line.text}</span>
              </div>
            </li>
          ))}
        </ol>
      </Card>
      {of.message && (
        <Card title={`Message ${of.id}`}>
          <pre tabIndex={0}>{format.payload(of.message.payload)}</pre>
          {of.rejected.map(one => (
            <p key={one.index} class="notice bad">
              {one.reason}
            </p>
          ))}
          {of.readings.length > 0 && (
            <div class="scroll-x" tabIndex={0} role="region" aria-label="Readings">
              <table>
                <thead>
                  <tr>
                    <th>Sensor</th>
                    <th>Measured</th>
                    <th class="number">Value</th>
                  </tr>
                </thead>
                <tbody>
                  {of.readings.map((reading, index) => (
                    <tr key={index}>
                      <td>{reading.sensor}</td>
                      <td>
                        <Time at={reading.at} />
                      </td>
                      <td class="number">{format.value(reading.value)}</td>
                    </tr>
                  ))}
                </tbody>
              </table>
            </div>
          )}
        </Card>
      )}
      {of.rules.length > 0 && (
        <Card
          title="Rules"
          actions={
            deaf > 0 && (
              <button type="button" aria-pressed={all} onClick={() => setAll(!all)}>
                {all ? 'Only those that listen' : `And ${format.count(deaf)} that do not listen`}
              </button>
            )
          }
        >
          {rules.length === 0 && <Empty>No rule listens to its topic.</Empty>}
          {rules.map(rule => (
            <Rule key={rule.rule} of={rule} />
          ))}
        </Card>
      )}
      <Around of={of} />
    </>
  );
}

function Rule({ of }: { of: ExplainedRule }): JSX.Element {
  return (
    <details>
      <summary>
        <Badge kind={of.verdict === 'waits' ? 'warn' : KIND[of.verdict]}>{of.verdict}</Badge>{' '}
        <strong>{of.rule}</strong> <span>{of.text}</span>
      </summary>
      <div class="stack tight">
        <p class="muted small">
          <a href={`/rules/${piece(of.rule)}`}>The rule</a> is {of.state}; version {of.version} ran over the
          message
          {of.since && (
            <>
              , given what came from <Time at={of.since} /> to <Time at={of.until} />
            </>
          )}
          .
        </p>
        <ol class="attempts">
          {of.steps.map((step, index) => (
            <li key={index}>
              <div class="row">
                <Badge kind={step.outcome === 'waits' ? 'warn' : KIND[step.outcome]}>{step.name}</Badge>
                <span class="grow">{step.detail}</span>
              </div>
              {step.values.map(value => (
                <div key={value.expression} class="small">
                  <code>{value.expression}</code> was <code>{value.value}</code>
                </div>
              ))}
            </li>
          ))}
          {of.said.flatMap((said, index) =>
            said.outcomes.map((outcome, place) => (
              <li key={`${index} ${place}`}>
                <Went of={outcome} />
              </li>
            )),
          )}
        </ol>
      </div>
    </details>
  );
}

function Went({ of }: { of: Outcome }): JSX.Element {
  const kind =
    of.state === 'delivered'
      ? 'good'
      : of.state === 'dead-letter' || of.state === 'set-aside'
        ? 'bad'
        : 'warn';
  return (
    <div class="row">
      <Badge kind={kind}>{of.state}</Badge>
      <span>
        {of.to} {of.name}
      </span>
      <span class="muted grow">{of.text}</span>
      {of.to === 'topic' && of.id && <a href={url('/explore/message', { id: of.id })}>Follow it</a>}
    </div>
  );
}

function Around({ of }: { of: Explanation }): JSX.Element {
  return (
    <>
      {of.refused.length > 0 && (
        <Card title="Refused around that time">
          <ol class="attempts">
            {of.refused.map(attempt => (
              <li key={attempt.sequence}>
                <div class="row small muted">
                  <Time at={attempt.lastAt} />
                  <span>{attempt.cause}</span>
                  {attempt.count > 1 && <span>{format.count(attempt.count)} times</span>}
                </div>
                {attempt.detail}
              </li>
            ))}
          </ol>
        </Card>
      )}
      {of.nearby.length > 0 && (
        <Card title="Its neighbours">
          <ol class="attempts">
            {of.nearby.map(other => (
              <li key={other.id}>
                <div class="row">
                  <a href={url('/explore/message', { id: other.id })}>{other.id}</a>
                  <Time at={other.receivedAt} />
                  <span class="muted grow cut">{other.topic}</span>
                </div>
              </li>
            ))}
          </ol>
        </Card>
      )}
    </>
  );
}
