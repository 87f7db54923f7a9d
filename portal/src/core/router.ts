// Where we are: the address line is the state, so every view can be shared and survives a reload.
import { computed, signal } from '@preact/signals';

const address = signal(location.pathname + location.search);

addEventListener('popstate', () => (address.value = location.pathname + location.search));

export const path = computed(() => address.value.split('?')[0]!);
export const query = computed(() => new URLSearchParams(address.value.split('?')[1] ?? ''));

/** Goes to a page of ours. */
export function go(to: string): void {
  if (to === address.value) return;
  history.pushState(null, '', to);
  address.value = to;
  scrollTo(0, 0);
}

/** Changes parameters of this page without a step in the history; what is empty goes out of the address. */
export function refine(changes: Record<string, string>): void {
  const next = new URLSearchParams(query.peek());
  for (const [name, value] of Object.entries(changes)) {
    if (value) next.set(name, value);
    else next.delete(name);
  }
  const text = next.toString();
  const to = path.peek() + (text ? `?${text}` : '');
  history.replaceState(null, '', to);
  address.value = to;
}

/** Takes clicks on links to pages of ours; all other clicks stay the browser's. */
export function takeLinks(isOurs: (path: string) => boolean): void {
  document.addEventListener('click', event => {
    if (event.defaultPrevented || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey)
      return;
    const link = (event.target as Element).closest?.('a');
    if (!link || link.target || link.hasAttribute('download') || link.origin !== location.origin) return;
    if (!isOurs(link.pathname) || link.getAttribute('href')?.startsWith('#')) return;
    event.preventDefault();
    go(link.pathname + link.search);
  });
}
