// Messages out of the durable log: what comes now, and back as far as it is kept, with one filter.
import type { JSX } from 'preact';
import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { get, piece, url } from '../core/api';
import * as format from '../core/format';
import { follow, wants } from '../core/live';
import type { Message } from '../core/model';
import { query, refine } from '../core/router';
import { Export, quoted, sqlAddress } from './export';
import { Payload } from './payload';
import { Empty, Trouble } from './pieces';
import { useAct } from './load';

const KEPT = 500;
const PAGE = 100;
/** More than so many a second are counted and not drawn. */
const RATE = 50;

interface MessagePage {
  messages: Message[];
  next?: string;
}

export function MessageList({ device }: { device?: string }): JSX.Element {
  const topic = query.value.get('topic') ?? '';
  const since = query.value.get('since') ?? '';
  const [paused, setPaused] = useState(false);
  const { messages, hidden } = useLive(device, topic, paused || since !== '');
  const past = usePast(device, topic, since);
  const shown = since ? past.messages : messages;
  const [text, setText] = useState('');
  const found = useMemo(
    () =>
      shown.filter(message => !text || `${message.topic} ${format.payload(message.payload)}`.includes(text)),
    [shown, text],
  );
  return (
    <div class="stack">
      <div class="row">
        <input
          class="mono"
          aria-label="Topic filter"
          placeholder="topic filter, devices/+/telemetry"
          size={28}
          value={topic}
          onChange={event => refine({ topic: event.currentTarget.value })}
        />
        <input
          type="search"
          aria-label="Only messages with this text"
          placeholder="text"
          value={text}
          onInput={event => setText(event.currentTarget.value)}
        />
        <select
          aria-label="From when"
          value={since}
          onChange={event => refine({ since: event.currentTarget.value })}
        >
          <option value="">live</option>
          <option value="-5m">from 5 minutes ago</option>
          <option value="-1h">from 1 hour ago</option>
          <option value="-24h">from 24 hours ago</option>
          <option value="-7d">from 7 days ago</option>
        </select>
        {!since && (
          <button type="button" aria-pressed={paused} onClick={() => setPaused(!paused)}>
            {paused ? 'Go on' : 'Pause'}
          </button>
        )}
        <Export address={sqlAddress(recorded(device, since))} name={`${device ?? 'all'}.messages`} />
        {hidden > 0 && <span class="muted">+{format.count(hidden)} not drawn</span>}
      </div>
      <Trouble of={past.problem} />
      {found.length === 0 ? (
        <Empty command={`./tributary send ${device ?? 'my-first'} temp=21.5`}>
          {since ? 'No message in this time.' : 'Waiting for the next message. Send one:'}
        </Empty>
      ) : (
        <ol class="messages card" aria-label="Messages">
          {found.map(message => (
            <One key={`${message.partition}:${message.position}`} of={message} />
          ))}
        </ol>
      )}
      {since && past.more && (
        <button type="button" disabled={past.busy} onClick={past.load}>
          {past.busy ? 'Reading…' : 'Read on'}
        </button>
      )}
    </div>
  );
}

/** @return the statement that finds the same messages in the table of what came, whatever their topic */
function recorded(device: string | undefined, since: string): string {
  const length = since.slice(1, -1);
  const unit = { m: 'MINUTE', h: 'HOUR', d: 'DAY' }[since.at(-1) ?? ''];
  const parts = [
    ...(device ? [`device = ${quoted(device)}`] : []),
    `received >= now() - INTERVAL ${unit ? `${length} ${unit}` : '1 HOUR'}`,
  ];
  return `SELECT * FROM messages WHERE ${parts.join(' AND ')} ORDER BY received`;
}

function One({ of }: { of: Message }): JSX.Element {
  const [open, setOpen] = useState(false);
  const line = format.payload(of.payload);
  return (
    <li>
      <button type="button" class="message" aria-expanded={open} onClick={() => setOpen(!open)}>
        <time dateTime={of.receivedAt} class="mono muted">
          {format.instant(of.receivedAt)}
        </time>
        <span class="cut topic">{of.topic}</span>
        <span class="cut mono grow">{line}</span>
      </button>
      {open && (
        <div class="stack tight opened">
          <Payload of={of} />
          <dl class="facts small">
            <dt>Position</dt>
            <dd>
              {of.partition}:{of.position}
            </dd>
            <dt>Came</dt>
            <dd>
              {new Date(of.receivedAt).toLocaleString('en-GB')} {format.zone()}, by {of.origin}, from{' '}
              {of.publisher}
            </dd>
            <dt>Size</dt>
            <dd>
              {format.count(of.bytes)} bytes, {of.encoding}, QoS {of.qos}
              {of.retain ? ', retained' : ''}
            </dd>
            {of.device && (
              <>
                <dt>Device</dt>
                <dd>
                  <a href={`/devices/${piece(of.device)}`}>{of.device}</a>
                </dd>
              </>
            )}
          </dl>
          <div class="row">
            <a class="button" href={url('/explore/message', { id: `${of.partition}-${of.position}` })}>
              Where is my message?
            </a>
          </div>
        </div>
      )}
    </li>
  );
}

/** The newest messages, newest first. While paused they are counted only. */
function useLive(
  device: string | undefined,
  topic: string,
  paused: boolean,
): { messages: Message[]; hidden: number } {
  const [messages, setMessages] = useState<Message[]>([]);
  const [hidden, setHidden] = useState(0);
  const held = useRef(paused);
  held.current = paused;
  useEffect(() => {
    setMessages([]);
    setHidden(0);
    let fresh: Message[] = [];
    let missed = 0;
    const stream = follow<Message>(wants.messages(device, topic), message => {
      if (held.current || fresh.length >= RATE) missed++;
      else fresh.push(message);
    });
    const timer = setInterval(() => {
      if (fresh.length > 0) {
        const taken = fresh.reverse();
        fresh = [];
        setMessages(known => [...taken, ...known].slice(0, KEPT));
      }
      setHidden(missed);
    }, 1000 / 4);
    return () => {
      clearInterval(timer);
      stream.close();
    };
  }, [device, topic]);
  return { messages, hidden };
}

function usePast(device: string | undefined, topic: string, since: string) {
  const [messages, setMessages] = useState<Message[]>([]);
  const [next, setNext] = useState<string>();
  const { act, busy, problem } = useAct();
  const read = (after: string): void =>
    void act(async () => {
      const page = await get<MessagePage>(
        url('/api/v1/messages', { device, topic, since, after, limit: PAGE }),
      );
      setMessages(known => (after ? [...known, ...page.messages] : page.messages));
      setNext(page.next);
    });
  useEffect(() => {
    setMessages([]);
    setNext(undefined);
    if (since) read('');
  }, [device, topic, since]);
  return { messages, more: next !== undefined, busy, problem, load: () => next && read(next) };
}
