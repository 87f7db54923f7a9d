// Keys: Ctrl-K finds pages and devices, / goes to the filter, ? says so.
import type { JSX } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { get, piece, url } from '../core/api';
import type { Device } from '../core/model';
import { ENTRIES } from '../core/pages';
import { go } from '../core/router';

const PAGES = ENTRIES.map(entry => ({ ...entry, title: entry.long ?? entry.title }));

const KEYS: [string, string][] = [
  ['Ctrl K', 'find a page or a device'],
  ['/', 'go to the filter of the page'],
  ...PAGES.map(page => [`g ${page.key}`, `go to ${page.title}`] as [string, string]),
  ['?', 'show these keys'],
  ['Esc', 'close'],
];

const typing = (target: EventTarget | null): boolean =>
  target instanceof HTMLElement &&
  (/^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName) || target.isContentEditable);

export function Help(): JSX.Element | null {
  const [open, setOpen] = useState<'' | 'palette' | 'keys'>('');

  useEffect(() => {
    let before = '';
    const press = (event: KeyboardEvent): void => {
      if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === 'k') {
        event.preventDefault();
        setOpen('palette');
        return;
      }
      if (typing(event.target) || event.ctrlKey || event.metaKey || event.altKey) return;
      if (event.key === '?') setOpen('keys');
      if (event.key === '/') {
        const filter = document.querySelector<HTMLInputElement>('input[type=search]');
        if (filter) {
          event.preventDefault();
          filter.focus();
        }
      }
      const page = before === 'g' && PAGES.find(one => one.key === event.key);
      if (page) go(page.href);
      before = event.key;
    };
    addEventListener('keydown', press);
    return () => removeEventListener('keydown', press);
  }, []);

  const close = (): void => setOpen('');
  if (open === 'palette') return <Palette onClose={close} />;
  if (open === 'keys') return <Keys onClose={close} />;
  return null;
}

function Modal({
  label,
  onClose,
  children,
}: {
  label: string;
  onClose: () => void;
  children: JSX.Element;
}): JSX.Element {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => dialog.current?.showModal(), []);
  return (
    <dialog
      ref={dialog}
      aria-label={label}
      onClose={onClose}
      onClick={event => event.target === dialog.current && onClose()}
    >
      {children}
    </dialog>
  );
}

function Keys({ onClose }: { onClose: () => void }): JSX.Element {
  return (
    <Modal label="Keys" onClose={onClose}>
      <div class="stack">
        <h2>Keys</h2>
        <dl class="facts">
          {KEYS.map(([key, what]) => (
            <>
              <dt>
                <kbd>{key}</kbd>
              </dt>
              <dd>{what}</dd>
            </>
          ))}
        </dl>
        <button type="button" autofocus onClick={onClose}>
          Close
        </button>
      </div>
    </Modal>
  );
}

function Palette({ onClose }: { onClose: () => void }): JSX.Element {
  const [text, setText] = useState('');
  const [devices, setDevices] = useState<Device[]>([]);
  const [chosen, setChosen] = useState(0);

  useEffect(() => {
    const abort = new AbortController();
    const timer = setTimeout(() => {
      get<{ devices: Device[] }>(url('/api/v1/devices', { q: text, limit: 8 }), abort.signal).then(
        page => setDevices(page.devices),
        () => undefined,
      );
    }, 120);
    return () => {
      clearTimeout(timer);
      abort.abort();
    };
  }, [text]);

  const found = [
    ...PAGES.filter(page => page.title.toLowerCase().includes(text.toLowerCase())).map(page => ({
      ...page,
      kind: 'page',
    })),
    ...devices.map(device => ({
      title: device.id,
      href: `/devices/${piece(device.id)}`,
      kind: device.type || 'device',
    })),
  ];
  const at = Math.min(chosen, found.length - 1);
  const open = (href: string): void => {
    onClose();
    go(href);
  };
  const press = (event: KeyboardEvent): void => {
    if (event.key === 'ArrowDown') setChosen(Math.min(found.length - 1, at + 1));
    else if (event.key === 'ArrowUp') setChosen(Math.max(0, at - 1));
    else if (event.key === 'Enter' && found[at]) open(found[at].href);
    else return;
    event.preventDefault();
  };
  return (
    <Modal label="Find a page or a device" onClose={onClose}>
      <div class="stack tight">
        <input
          type="text"
          role="combobox"
          aria-expanded="true"
          aria-controls="found"
          aria-activedescendant={`found-${at}`}
          aria-label="Page or device"
          placeholder="Page or device"
          autofocus
          value={text}
          onInput={event => setText(event.currentTarget.value)}
          onKeyDown={press}
        />
        <ul id="found" role="listbox" aria-label="Found" class="found">
          {found.map((one, index) => (
            <li
              key={one.href}
              id={`found-${index}`}
              role="option"
              aria-selected={index === at}
              onClick={() => open(one.href)}
            >
              <span class="grow">{one.title}</span> <span class="muted small">{one.kind}</span>
            </li>
          ))}
        </ul>
      </div>
    </Modal>
  );
}
