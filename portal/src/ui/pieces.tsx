// The small pieces that pages are made of.
import type { ComponentChildren, JSX } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import type { Problem } from '../core/api';
import * as format from '../core/format';

export function Page({
  title,
  lead,
  actions,
  children,
}: {
  title: string;
  lead?: ComponentChildren;
  actions?: ComponentChildren;
  children: ComponentChildren;
}): JSX.Element {
  useEffect(() => {
    document.title = `${title} · Tributary`;
  }, [title]);
  return (
    <div class="stack">
      <header class="row">
        <div class="grow">
          <h1>{title}</h1>
          {lead && <p class="muted">{lead}</p>}
        </div>
        {actions}
      </header>
      {children}
    </div>
  );
}

export function Card({
  title,
  actions,
  children,
}: {
  title?: string;
  actions?: ComponentChildren;
  children: ComponentChildren;
}): JSX.Element {
  return (
    <section class="card stack tight">
      {(title || actions) && (
        <div class="row">
          {title && <h2 class="grow">{title}</h2>}
          {actions}
        </div>
      )}
      {children}
    </section>
  );
}

export function Trouble({ of }: { of: Problem | undefined }): JSX.Element | null {
  if (!of) return null;
  return (
    <div class="notice bad" role="alert">
      <strong>{of.title}.</strong> {of.detail}
    </div>
  );
}

export function Busy({ what }: { what: string }): JSX.Element {
  return (
    <div role="status">
      <span class="muted">{what}…</span>
      <div class="bar" />
    </div>
  );
}

/** An empty list shows what fills it. */
export function Empty({ children, command }: { children: ComponentChildren; command?: string }): JSX.Element {
  return (
    <div class="stack tight">
      <p class="muted">{children}</p>
      {command && <Code text={command} />}
    </div>
  );
}

export function Badge({
  kind = '',
  children,
}: {
  kind?: '' | 'good' | 'warn' | 'bad';
  children: ComponentChildren;
}): JSX.Element {
  return <span class={`badge ${kind}`}>{children}</span>;
}

export function Figure({
  label,
  value,
  note,
  href,
}: {
  label: string;
  value: string;
  note?: ComponentChildren;
  href?: string;
}): JSX.Element {
  const inside = (
    <>
      <span class="muted small">{label}</span>
      <b>{value}</b>
      {note && <span class="muted small">{note}</span>}
    </>
  );
  return href ? (
    <a class="figure" href={href}>
      {inside}
    </a>
  ) : (
    <div class="figure">{inside}</div>
  );
}

/** Text to paste somewhere, with a button that copies it. */
export function Code({ text, label = 'Copy' }: { text: string; label?: string }): JSX.Element {
  return (
    <div class="code">
      <pre tabIndex={0}>{text}</pre>
      <Copy text={text} label={label} />
    </div>
  );
}

export function Copy({ text, label = 'Copy' }: { text: string; label?: string }): JSX.Element {
  const [said, setSaid] = useState('');
  const copy = async (): Promise<void> => {
    try {
      await navigator.clipboard.writeText(text);
      setSaid('Copied');
    } catch {
      setSaid('Select and copy by hand: the browser does not let this page');
    }
    setTimeout(() => setSaid(''), 2500);
  };
  return (
    <button type="button" onClick={() => void copy()} aria-live="polite">
      {said || label}
    </button>
  );
}

/** A moment, with its date and offset where one points at it. */
export function Time({ at, now }: { at: string | null | undefined; now?: number }): JSX.Element {
  if (!at) return <span class="muted">never</span>;
  const full = `${new Date(at).toLocaleString('en-GB')} ${format.zone(new Date(at))}`;
  return (
    <time dateTime={at} title={full}>
      {now === undefined ? format.time(at) : format.ago(at, now)}
    </time>
  );
}

/** Asks before something is destroyed. */
export function Confirm({
  question,
  consequence,
  word,
  otherwise = 'Keep it',
  onYes,
  onNo,
}: {
  question: string;
  consequence: string;
  word: string;
  /** The button that changes nothing. */
  otherwise?: string;
  onYes: () => void;
  onNo: () => void;
}): JSX.Element {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => dialog.current?.showModal(), []);
  return (
    <dialog ref={dialog} onClose={onNo} aria-label={question}>
      <div class="stack">
        <h2>{question}</h2>
        <p>{consequence}</p>
        <div class="row">
          <button type="button" class="danger" onClick={onYes}>
            {word}
          </button>
          <button type="button" autofocus onClick={onNo}>
            {otherwise}
          </button>
        </div>
      </div>
    </dialog>
  );
}

/** Links to views of the same page; which one is in the address. */
export function Tabs({
  tabs,
  current,
  label,
}: {
  tabs: { id: string; title: string; href: string }[];
  current: string;
  label: string;
}): JSX.Element {
  return (
    <nav class="tabs" aria-label={label}>
      {tabs.map(tab => (
        <a key={tab.id} href={tab.href} {...(tab.id === current ? { 'aria-current': 'page' as const } : {})}>
          {tab.title}
        </a>
      ))}
    </nav>
  );
}
