// The shapes that the REST API answers with, as far as pages use them; /openapi.json has all of them.

export type Role = 'device' | 'viewer' | 'operator' | 'owner';
export type Scalar = number | string | boolean | null;

export interface Who {
  tenant: string;
  subject: string;
  kind: 'device' | 'application' | 'person';
  role: Role;
  csrf?: string;
}

export interface Connection {
  connected: boolean;
  since: string | null;
  through: string | null;
  door: string | null;
  endedAt: string | null;
  reason: string | null;
}

export interface Device {
  id: string;
  parent: string | null;
  type: string;
  labels: Record<string, string>;
  metadata: Record<string, unknown>;
  createdAt: string;
  connection: Connection;
  health: {
    state: 'good' | 'late' | 'new';
    lastAt: string | null;
    everySeconds: number | null;
    missed: number;
  };
}

export interface Fleet {
  devices: number;
  good: number;
  late: number;
  new: number;
  worst: Device[];
}

export interface Sensor {
  sensor: string;
  kind: string;
  unit: string;
  min: number | null;
  max: number | null;
  firstSeenAt: string;
}

/** What a sensor said: a number or a switch is `value`, words are `text`. */
export interface Said {
  sensor: string;
  ts: string;
  value?: number | boolean | null;
  text?: string;
}

export interface LatestValue extends Said {
  received: string;
}

export interface DeviceLatest {
  device: string;
  values: Said[];
}

export const saidOf = (of: Said | undefined): Scalar => of?.value ?? of?.text ?? null;

export interface Message {
  partition: number;
  position: number;
  receivedAt: string;
  device: string | null;
  topic: string;
  origin: string;
  publisher: string;
  qos: number;
  retain: boolean;
  bytes: number;
  encoding: string;
  payload: unknown;
}

export interface Values {
  partition: number;
  position: number;
  device: string;
  receivedAt: string;
  values: Said[];
}

export interface Command {
  /** Its place in the log, 0-1234. */
  message: string;
  name: string;
  sentAt: string;
  sentBy: string;
  state: 'nobody' | 'waiting' | 'sent' | 'acknowledged' | 'answered';
  listeners: { clientId: string; device: string; connected: boolean; state: string }[];
  answer: Message | null;
}

export interface Attempt {
  sequence: number;
  firstAt: string;
  lastAt: string;
  count: number;
  door: string;
  address: string;
  userName: string;
  clientId: string;
  device: string | null;
  cause: string;
  detail: string;
}

export interface Credential {
  id: string;
  kind: string;
  title: string;
  role: Role;
  issuedAt: string;
  expiresAt: string | null;
  lastUsedAt: string | null;
  revoked: boolean;
}

export interface Issued {
  id: string;
  secret: string;
  expiresAt: string | null;
}

export interface Rows {
  columns: { name: string; type: string }[];
  rows: Scalar[][];
  rowCount: number;
}

/** What a rule costs; a tenant is named where rules of all are shown. */
export interface RuleCost {
  tenant?: string;
  rule: string;
  microsAMessage: number;
  taken: number;
  failed: number;
}

export interface Status {
  version: string;
  startedAt: string;
  uptimeSeconds: number;
  ready: boolean;
  lagRecords: number;
  problems: string[];
  partitions: { partition: number; start: number; end: number; visibleUpTo: number }[];
  rates?: { messagesPerSecond: number; readingsPerSecond: number };
  log?: {
    appended: number;
    refused: number;
    bytes: number;
    pendingBytes: number;
    flushes: number;
    flushMicrosMean: number;
    congested: boolean;
  };
  lake?: {
    readings: number;
    rejected: number;
    hotRows: number;
    files: number;
    bytes: number;
    rows: number;
    commits: number;
    lagRecords: number;
  };
  refused?: Record<string, number>;
  rules?: {
    running: number;
    lagRecords: number;
    taken: number;
    said: number;
    failed: number;
    setAside: number;
    outboxBytes: number;
    outboxBytesMax: number;
    dearest: RuleCost[];
  };
  sinks?: { delivered: number; waitingBytes: number; lost: number };
  disk?: { totalBytes: number; freeBytes: number; daysLeft?: number };
  sessions: {
    connected: number;
    away: number;
    subscriptions: number;
    waiting: number;
    waitingBytes: number;
    dropped: number;
    retained: number;
  };
}

export interface AuditLine {
  at: string;
  action: string;
  status: number;
  subject: string;
  target: string;
  peer: string;
}

/** Where devices connect. */
export interface Doors {
  mqttPort: number;
  mqttTlsPort: number | null;
  reach: 'this-machine' | 'network-with-tls' | 'network';
}

export interface SqlSchema {
  tables: {
    name: string;
    kind: 'table' | 'view';
    columns: { name: string; type: string; samples: Scalar[] }[];
  }[];
  functions: string[];
}

export interface RunningQuery {
  id: string;
  percent?: number;
}

export interface SavedQuery {
  name: string;
  sql: string;
  description: string;
}

export interface Person {
  id: string;
  name: string;
  role: Role;
  createdAt: string;
}

export interface Tenant {
  id: string;
  title: string;
  createdAt: string;
  link?: string;
}

export type RuleState = 'draft' | 'shadow' | 'on' | 'paused';

export interface RuleAction {
  topic?: string;
  sink?: string;
  /** With a sink: it gets the message beside what is said of it. */
  raw?: boolean;
  command?: string;
}

export interface Rule {
  name: string;
  version: number;
  state: RuleState;
  sql: string;
  sqlVersion: string;
  zone: string;
  description: string;
  actions: RuleAction[];
  changedAt: string;
  changedBy: string;
  /** What it did since the server started. */
  figures: { taken: number; said: number; failed: number; microsAMessage: number } | null;
}

export interface UserFunction {
  name: string;
  version: number;
  parameters: string[];
  text: string;
  savedAt: string;
  savedBy: string;
}

export interface FunctionCheck {
  good: boolean;
  message?: string;
}

export interface RuleCheck {
  good: boolean;
  warnings?: string[];
  topics?: string[];
  field?: string;
  line?: number;
  column?: number;
  message?: string;
  suggestion?: string;
}

export interface RuleLog {
  said: { at: string; device: string; payload: string; sent: boolean }[];
  failed: { at: string; what: string; topic: string; device: string; payload: string }[];
}

export interface RuleVersion {
  version: number;
  sql: string;
  savedAt: string;
  savedBy: string;
}

export interface Alert {
  rule: string;
  name: string;
  /** What it is about, as JSON. */
  key: string;
  state: 'raised' | 'acknowledged' | 'cleared';
  severity: string;
  device: string;
  payload: string;
  raises: number;
  firstRaisedAt: string;
  raisedAt: string;
  acknowledgedBy: string | null;
  acknowledgedAt: string | null;
  silenced: boolean;
  endedBy: string | null;
  /** How many alerts the line stands for, and when the first of them was raised. */
  alike: number;
  alikeSince: string;
}

/** What the decoder gives now of the messages of a window, held against what is there. */
export interface DecodeReport {
  from: string;
  to: string;
  complete: boolean;
  why: string;
  messages: number;
  same: number;
  replaced: number;
  missing: number;
  changed: number;
  extra: number;
  rejectedSame: number;
  recovered: number;
  rejected: number;
  otherwise: number;
  digest: string;
  applied: boolean;
  differences: {
    kind: string;
    message: string;
    device?: string;
    sensor?: string;
    ts?: string;
    was: string;
    is: string;
  }[];
}

/** What a rule would have said of recorded messages. */
export interface RuleTest {
  complete: boolean;
  upTo: string;
  /** Where the log begins, if that is within the window. */
  begins: string | null;
  read: number;
  taken: number;
  steps: { name: string; passed: number; dropped: number; waits: number; said: number }[];
  saidCount: number;
  failedCount: number;
  millis: number;
  microsPerMessage: number;
  said: { at: string; device: string; payload: string; alert: string }[];
  failed: { at: string; what: string; topic: string }[];
  /** where no message's topic matched */
  unmatched?: { filters: string[]; topics: string[] };
}

export interface Outcome {
  to: 'topic' | 'sink' | 'alerts';
  name: string;
  state: string;
  text: string;
  id: string | null;
}

export interface ExplainedRule {
  rule: string;
  version: number;
  state: string;
  ran: 'yes' | 'no' | 'unknown';
  verdict: 'deaf' | 'dropped' | 'waits' | 'said';
  text: string;
  since: string | null;
  until: string;
  steps: {
    name: string;
    outcome: 'passed' | 'dropped' | 'waits' | 'said';
    at: string;
    detail: string;
    values: { expression: string; value: string }[];
  }[];
  said: { at: string; device: string; payload: string; alert: string; outcomes: Outcome[] }[];
}

/** Where a message is. */
export interface Explanation {
  id: string | null;
  message: Message | null;
  story: { station: string; state: 'good' | 'waits' | 'bad' | 'none'; text: string }[];
  readings: { sensor: string; at: string; value: Scalar }[];
  readingsCount: number;
  rejected: { index: number; reason: string }[];
  stored: { table: string; file: string; rows: number }[];
  rules: ExplainedRule[];
  refused: Attempt[];
  nearby: { id: string; receivedAt: string; topic: string; bytes: number }[];
}

/** A time of maintenance: alerts are kept, and go nowhere. */
export interface Silence {
  id: string;
  kind: 'device' | 'type' | 'label';
  what: string;
  from: string;
  to: string;
  now: boolean;
  reason: string;
  createdBy: string;
}

export interface AlertEvent {
  sequence: number;
  at: string;
  what: string;
  severity: string;
  by: string | null;
  silenced: boolean;
}
