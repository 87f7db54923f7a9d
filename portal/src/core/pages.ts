// The pages that one goes to: in the navigation, by a key behind g, and in the palette.

export interface Entry {
  href: string;
  title: string;
  /** Where the title alone says too little. */
  long?: string;
  key: string;
}

export const ENTRIES: Entry[] = [
  { href: '/', title: 'Overview', key: 'o' },
  { href: '/devices', title: 'Devices', key: 'd' },
  { href: '/alarms', title: 'Alarms', key: 'l' },
  { href: '/dashboards', title: 'Dashboards', key: 'b' },
  { href: '/rules', title: 'Rules', key: 'r' },
  { href: '/connect', title: 'Connect', long: 'Connect a device', key: 'c' },
  { href: '/explore', title: 'Explore', long: 'Explore: SQL', key: 's' },
  { href: '/messages', title: 'Messages', key: 'm' },
  { href: '/admin', title: 'Admin', key: 'a' },
];
